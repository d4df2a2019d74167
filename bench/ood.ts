/**
 * What does the gate let through that nobody prepared it for? Pictures that show nothing the model has a
 * label for, and pictures of its own kind that come otherwise than calibration's, over HTTP with the shipped
 * gates: one line for each set, and the promises that are made of them.
 *
 *     node bench/ood.ts [--short] [fashion-mnist | mnist]
 *
 * The short form asks for few of each and holds no share against a promise.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { encodePng } from '../src/model/encode-png.ts';
import { type IdxImages, readIdxImages } from '../src/model/idx.ts';
import { largest } from '../src/numerics/extremes.ts';
import { sharp } from '../src/model/libvips.ts';
import { FOREIGN_NAMES, foreignPictures } from '../support/foreign-pictures.ts';
import { haveFonts, letterPictures, type Script, SCRIPTS } from '../support/letters.ts';
import { STRONG_SHIFT_NAMES, strongShift } from '../support/strong-shifts.ts';
import { check, describeMachine, eachOpen, photographs, result, root, short } from './harness.ts';
import { type BenchService, startService } from './service.ts';

const TEST_IMAGES = {
  'fashion-mnist': 'models/fashion-mnist/test-split/t10k-images-idx3-ubyte.gz',
  mnist: '.datasets/mnist/t10k-images-idx3-ubyte',
};
type Name = keyof typeof TEST_IMAGES;
const NAMES = Object.keys(TEST_IMAGES) as Name[];

/** Of each set; of the constant ones there are no more than 256. */
const COUNT = short ? 24 : 500;
/** Images of a request, and requests open at a time. */
const BATCH = 32;
const OPEN = 4;

/** What is promised: shares of all images of a set. */
const PROMISED = { meanForeign: 0.035, mostForeign: 0.12, meanShifted: 0.04 };
/** A mixture has two labels' features, and no statistic of its pixels tells it from a third's. */
const NEAR: readonly string[] = ['mixtures of two'];

const answers = z.object({
  predictions: z.array(
    z.object({
      decision: z.enum(['auto', 'review']),
      reasons: z.array(z.string()),
      prediction: z.object({ index: z.int() }).nullable(),
      label: z.string().nullable(),
    }),
  ),
});

/** One set of files with their truths. */
interface Row {
  readonly kind: 'clean' | 'foreign' | 'shifted';
  readonly set: string;
  /** PNG or JPEG, and the label's index; null where every label is wrong. */
  readonly images: readonly { readonly file: Uint8Array; readonly label: number | null }[];
}

interface Counted {
  readonly kind: Row['kind'];
  readonly set: string;
  readonly images: number;
  readonly automatic: number;
  readonly wrong: number;
  readonly unfamiliar: number;
}

async function ask(service: BenchService, row: Row): Promise<Counted> {
  const counts = { automatic: 0, wrong: 0, review: 0, unfamiliar: 0 };
  await eachOpen(Math.ceil(row.images.length / BATCH), OPEN, async (batch) => {
    const images = row.images.slice(batch * BATCH, (batch + 1) * BATCH);
    const form = new FormData();
    for (const { file } of images) {
      const type = file[0] === 0xff ? 'image/jpeg' : 'image/png';
      form.append('image', new Blob([Buffer.from(file)], { type }), 'image');
    }
    const response = await fetch(`${service.url}/v1/predictions`, { method: 'POST', body: form });
    const text = await response.text();
    check(response.ok, `${row.set}: ${response.status} ${text.slice(0, 300)}`);
    const { predictions } = answers.parse(JSON.parse(text));
    check(predictions.length === images.length, `${predictions.length} answers to ${images.length} images`);
    for (const [i, { decision, reasons, prediction, label }] of predictions.entries()) {
      check((decision === 'auto') === (reasons.length === 0), `${decision} for ${reasons.join(', ')}`);
      check((decision === 'auto') === (label !== null), `${decision} with the label ${label}`);
      if (reasons.includes('unfamiliar')) counts.unfamiliar++;
      if (decision === 'review') counts.review++;
      else counts.automatic++;
      if (decision === 'auto' && prediction?.index !== images[i]!.label) counts.wrong++;
    }
  });
  const { automatic, wrong, review, unfamiliar } = counts;
  check(automatic + review === row.images.length, `${automatic} and ${review} of ${row.images.length}`);
  check(row.kind !== 'foreign' || wrong === automatic, 'every automatic label of a foreign picture is wrong');
  return { kind: row.kind, set: row.set, images: row.images.length, automatic, wrong, unfamiliar };
}

async function filesOf(
  pictures: readonly Uint8Array[],
  images: IdxImages,
  labels: readonly number[] | null = null,
): Promise<Row['images']> {
  const size = { height: images.height, width: images.width, channels: 1 };
  return Promise.all(
    pictures.map(async (pixels, i) => ({ file: await encodePng(pixels, size), label: labels?.[i] ?? null })),
  );
}

async function* rowsOf(images: IdxImages, others: IdxImages | null): AsyncGenerator<Row> {
  // Of the whole file, not of its beginning.
  const chosen = Array.from({ length: Math.min(COUNT, images.count) }, (_, i) => {
    return Math.floor((i * images.count) / COUNT);
  });
  const pixels = chosen.map((i) => images.pixels(i));
  const labels = chosen.map((i) => images.classOf(i));
  yield { kind: 'clean', set: 'test images', images: await filesOf(pixels, images, labels) };

  for (const kind of FOREIGN_NAMES) {
    const count = kind === 'constant gray' ? Math.min(COUNT, 256) : COUNT;
    const made = foreignPictures(kind, count, images, pixels, (i) => labels[i]!);
    yield { kind: 'foreign', set: kind, images: await filesOf(made, images) };
  }
  if (others !== null) {
    const made = chosen.map((i) => others.pixels(i % others.count));
    yield { kind: 'foreign', set: "the other model's images", images: await filesOf(made, others) };
  }
  if (haveFonts) {
    for (const script of Object.keys(SCRIPTS) as Script[]) {
      const made = await letterPictures(script, COUNT, images);
      yield { kind: 'foreign', set: `${script} letters`, images: await filesOf(made, images) };
    }
  }
  const photos = (await photographs()).slice(0, COUNT);
  if (photos.length > 0) {
    const asFiles = (files: readonly Uint8Array[]): Row['images'] =>
      files.map((file) => ({ file, label: null }));
    yield { kind: 'foreign', set: 'photographs', images: asFiles(photos) };
    const gray = await Promise.all(photos.map((file) => sharp(file).grayscale().jpeg().toBuffer()));
    yield { kind: 'foreign', set: 'gray photographs', images: asFiles(gray) };
  }
  for (const shift of STRONG_SHIFT_NAMES) {
    const made = await Promise.all(pixels.map((one, i) => strongShift(shift, one, images, i)));
    yield { kind: 'shifted', set: shift, images: await filesOf(made, images, labels) };
  }
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
const percent = (share: number): string => `${(100 * share).toFixed(1).padStart(5)}%`;

/** What is broken of the promises, in sentences. */
function broken(name: Name, foreign: readonly Counted[], shifted: readonly Counted[]): readonly string[] {
  const shares = foreign.map((row) => row.automatic / row.images);
  const wrong = meanOf(shifted.map((row) => row.wrong / row.images));
  const found: string[] = [];
  const mean = meanOf(shares);
  if (mean > PROMISED.meanForeign) found.push(`${name}: ${percent(mean)} of foreign pictures are automatic`);
  for (const [i, { set }] of foreign.entries()) {
    if (NEAR.includes(set) || shares[i]! <= PROMISED.mostForeign) continue;
    found.push(`${name}: ${percent(shares[i]!)} of ${set} are automatic`);
  }
  if (wrong > PROMISED.meanShifted) found.push(`${name}: ${percent(wrong)} of shifted images are wrong`);
  return found;
}

describeMachine();
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const readTestImages = async (name: Name): Promise<IdxImages | null> => {
  const path = join(root, TEST_IMAGES[name]);
  if (existsSync(path)) return readIdxImages(path);
  console.log(`left out: the images of ${name}, which make models fetches into ${TEST_IMAGES[name]}`);
  return null;
};
if (!haveFonts) console.log("left out: letters, which need the fonts of Debian's fonts-dejavu-core");
if ((await photographs()).length === 0)
  console.log('left out: photographs, which are not beside this checkout');
const testImages = new Map<Name, IdxImages | null>();
for (const name of NAMES) testImages.set(name, await readTestImages(name));

let failures: readonly string[] = [];
for (const [place, name] of NAMES.entries()) {
  const images = testImages.get(name) ?? null;
  if (images === null || (given.length > 0 && !given.includes(name))) continue;
  const service = await startService({
    MODEL_DIR: join(root, 'models', name),
    AUDIT_RATE: '0',
    KEEP_AUTOMATIC: '0',
    MAX_OPEN_ITEMS: '0',
    LOG_LEVEL: 'warn',
  });
  console.log(`\n${name}: set, images, automatic, wrong automatic, unfamiliar`);
  const counted: Counted[] = [];
  try {
    for await (const row of rowsOf(images, testImages.get(NAMES[1 - place]!) ?? null)) {
      const one = await ask(service, row);
      counted.push(one);
      const share = (of: number): string => percent(of / one.images);
      console.log(
        `  ${one.kind.padEnd(7)} ${one.set.padEnd(34)} ${String(one.images).padStart(4)} ` +
          `${share(one.automatic)} ${share(one.wrong)} ${share(one.unfamiliar)}`,
      );
    }
  } finally {
    await service.stop();
  }
  const [clean] = counted;
  const foreign = counted.filter(({ kind }) => kind === 'foreign');
  const shifted = counted.filter(({ kind }) => kind === 'shifted');
  const rest = foreign.filter(({ set }) => !NEAR.includes(set));
  result('ood', {
    model: name,
    images: counted.reduce((sum, one) => sum + one.images, 0),
    clean_automatic: clean!.automatic / clean!.images,
    clean_wrong: clean!.wrong / clean!.images,
    clean_unfamiliar: clean!.unfamiliar / clean!.images,
    foreign_sets: foreign.length,
    foreign_automatic: meanOf(foreign.map((row) => row.automatic / row.images)),
    most_but_mixtures: largest(rest.map((row) => row.automatic / row.images)),
    shifts: shifted.length,
    shifted_wrong: meanOf(shifted.map((row) => row.wrong / row.images)),
  });
  if (!short) failures = failures.concat(broken(name, foreign, shifted));
}
check(failures.length === 0, `promises broken:\n${failures.join('\n')}`);
