/**
 * How many damaged files are labelled automatically and wrongly, against whole ones, and how many whole files
 * are called damaged? The shipped samples, enlarged, damaged in every way of support/damaged-files.ts; and
 * samples and photographs saved anew in the ways that files are whole. What does it cost to look?
 *
 * PILLOW names a Python that has Pillow, which then saves them too.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { decide, measuredFor } from '../src/gate/decide.ts';
import { readGate } from '../src/gate/read-gate.ts';
import { createDecode, createReadPixels } from '../src/model/decode.ts';
import { ImageError } from '../src/model/image-error.ts';
import { loadModel } from '../src/model/load.ts';
import { createUniform } from '../src/numerics/random.ts';
import { hashPixels, measureInput, procedureOf } from '../src/prediction/measure-input.ts';
import { DAMAGES } from '../support/damaged-files.ts';
import { withRestartMarkers } from '../support/restart-markers.ts';
import { check, describeMachine, openEngine, photographs, result, root, short } from '../bench/harness.ts';

const MINUTE = 60_000;
const EACH_CLASS = short ? 2 : 12;

const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const gate = await readGate(join(folder, 'gate.json'), model.digest);
const decode = createDecode(model.manifest, 50_000_000);
const engine = await openEngine(model);
const procedure = procedureOf(gate);

interface Sample {
  readonly label: string;
  readonly file: Buffer;
}

const samples: Sample[] = model.manifest.labels.flatMap((label) => {
  const of = join(folder, 'samples', label.replace('/', '-'));
  return readdirSync(of)
    .sort()
    .slice(0, EACH_CLASS)
    .map((name) => ({ label, file: readFileSync(join(of, name)) }));
});

/** What becomes of a file: refused, a person's, or the machine's label. */
async function fate(file: Buffer): Promise<{ label: string | null; damaged: boolean }> {
  try {
    const { pixels, damage } = await decode(file);
    const hash = hashPixels(pixels);
    const { result: measured } = await measureInput(
      engine,
      pixels,
      hash,
      model.digest,
      procedure,
      MINUTE,
      null,
    );
    check(measured !== null, 'an image was not measured');
    const { decision } = decide(measuredFor(gate, measured), gate, damage !== null);
    const label = decision === 'auto' ? model.manifest.labels[measured.predicted]! : null;
    return { label, damaged: damage !== null };
  } catch (error) {
    if (error instanceof ImageError) return { label: null, damaged: true };
    throw error;
  }
}

const enlarged = (file: Buffer): Sharp =>
  sharp(file).resize(800, 800, { kernel: 'cubic' }).toColourspace('srgb');

const FORMATS: Readonly<Record<string, (image: Sharp) => Promise<Buffer>>> = {
  jpeg: (image) => image.jpeg({ quality: 80 }).toBuffer(),
  'grey jpeg': (image) => image.toColourspace('b-w').jpeg({ quality: 80 }).toBuffer(),
  'progressive jpeg': (image) => image.jpeg({ quality: 80, progressive: true }).toBuffer(),
  png: (image) => image.png().toBuffer(),
  webp: (image) => image.webp().toBuffer(),
};

describeMachine();
for (const [format, save] of Object.entries(FORMATS)) {
  const files = await Promise.all(samples.map(({ file }) => save(enlarged(file))));
  const wrongOf = async (each: (file: Buffer) => Buffer): Promise<{ wrong: number; told: number }> => {
    let [wrong, told] = [0, 0];
    for (const [i, file] of files.entries()) {
      const { label, damaged } = await fate(each(file));
      if (label !== null && label !== samples[i]!.label) wrong++;
      if (damaged) told++;
    }
    return { wrong, told };
  };
  const whole = await wrongOf((file) => file);
  result(`${format}, whole`, { images: files.length, told: whole.told, 'automatic and wrong': whole.wrong });
  check(whole.told === 0, 'a whole file is called damaged');
  for (const [kind, damage] of Object.entries(DAMAGES)) {
    const uniform = createUniform(Uint32Array.of(11, 12, 13, 14));
    const { wrong, told } = await wrongOf((file) => damage(file, uniform));
    result(`${format}, ${kind}`, { images: files.length, told, 'automatic and wrong': wrong });
    // Nothing in a WebP tells most damages; the table says how many.
    const most = whole.wrong + Math.ceil(0.02 * files.length);
    if (format !== 'webp') check(wrong <= most, `${format}, ${kind}: ${wrong} automatic and wrong`);
  }
}

const WHOLE: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  ...Object.fromEntries(
    [30, 50, 75, 90, 100].flatMap((quality) => [
      [`quality ${quality}`, (image: Sharp) => image.jpeg({ quality })],
      [`quality ${quality}, progressive`, (image: Sharp) => image.jpeg({ quality, progressive: true })],
    ]),
  ),
  'whole colours': (image) => image.jpeg({ chromaSubsampling: '4:4:4' }),
  mozjpeg: (image) => image.jpeg({ mozjpeg: true }),
  'on white': (image) => image.extend({ top: 300, bottom: 300, left: 300, background: '#fff' }).jpeg(),
  letterbox: (image) => image.extend({ top: 200, bottom: 200, background: '#000' }).jpeg(),
  png: (image) => image.png(),
  webp: (image) => image.webp(),
  'webp on white': (image) => image.extend({ bottom: 600, left: 600, background: '#fff' }).webp(),
};
const RESTARTS: Readonly<Record<string, number>> = { 'a marker each unit': 1, 'a marker each 40 units': 40 };
const PHONE_TAIL = Buffer.concat([Buffer.from('SEFT', 'latin1'), Buffer.alloc(3_000, 5)]);

const all = [...(await photographs()), ...samples.map(({ file }) => file)];
const pictures = short ? all.slice(0, 20) : all;
let [called, whole] = [0, 0];
async function tellOf(kind: string, files: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
  let told = 0;
  for await (const file of files) {
    whole++;
    if ((await decode(file)).damage !== null) told++;
  }
  called += told;
  result(`whole, ${kind}`, { told });
}
const colours = (picture: Buffer): Sharp => sharp(picture).toColourspace('srgb');
async function* saved(save: (image: Sharp) => Promise<Buffer>): AsyncIterable<Buffer> {
  for (const picture of pictures) yield await save(colours(picture));
}
for (const [kind, save] of Object.entries(WHOLE))
  await tellOf(
    kind,
    saved((image) => save(image).toBuffer()),
  );
for (const [kind, every] of Object.entries(RESTARTS)) {
  const restarting = async (image: Sharp): Promise<Buffer> =>
    withRestartMarkers(await image.jpeg({ optimiseCoding: false }).toBuffer(), every);
  await tellOf(kind, saved(restarting));
}
await tellOf(
  'bytes behind the end',
  saved(async (image) => Buffer.concat([await image.jpeg().toBuffer(), PHONE_TAIL])),
);
const python = process.env.PILLOW;
if (python === undefined) console.log('left out: files of Pillow; PILLOW=<a Python that has it> makes them');
else {
  const folder = mkdtempSync(join(tmpdir(), 'sensigate-pillow-'));
  const names = pictures.map((picture, i) => {
    const name = join(folder, String(i));
    writeFileSync(name, picture);
    return name;
  });
  const into = join(folder, 'saved');
  const { status } = spawnSync(python, [join(root, 'research/pillow_files.py'), into, ...names], {
    stdio: 'inherit',
  });
  check(status === 0, `${python} made no files`);
  for (const way of readdirSync(into).sort()) {
    const files = readdirSync(join(into, way)).map((name) => readFileSync(join(into, way, name)));
    await tellOf(`by Pillow, ${way}`, files);
  }
  rmSync(folder, { recursive: true });
}
result('whole files', { files: whole, 'called damaged': called });
check(called <= 0.005 * whole, `${called} of ${whole} whole files are called damaged`);

// One after the other, so that the machine's other work meets both alike.
const read = createReadPixels(model.manifest, 50_000_000);
for (const [format, save] of Object.entries(FORMATS)) {
  let [looking, plain] = [0, 0];
  for (let round = 0; round < (short ? 2 : 5); round++) {
    for (const picture of pictures) {
      const file = await save(colours(picture).resize(1600, 1200));
      const began = performance.now();
      await decode(file);
      const between = performance.now();
      await read(file, 'warning');
      if (round === 0) continue;
      looking += between - began;
      plain += performance.now() - between;
    }
  }
  result(`throughput with the look, of ${format}`, { 'of that without': (plain / looking).toFixed(2) });
}
engine.close();
