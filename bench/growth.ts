/**
 * Does the gate's cost grow with the size of the input? Forward passes an image, of which two for each
 * gradient, and gated against plain throughput, for 28×28×1, 32×32×3 and 224×224×3; the larger two where
 * their models are at hand.
 */
import { join } from 'node:path';
import { createDecode } from '../src/model/decode.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { procedureFor, measureAll } from './procedure.ts';
import {
  describeMachine,
  median,
  mobileNet,
  openEngine,
  photographs,
  raw,
  resNet8,
  result,
  root,
  short,
  threads,
} from './harness.ts';
import { openPlain } from './plain.ts';

const ROUNDS = short ? 1 : 5;
const COVERAGE = 0.95;
const IMAGES = 113;
/**
 * Input numbers of one round at the least: of a small network a hundred images would be little more than
 * their beginning and end.
 */
const NUMBERS = 4e6;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

async function compare(model: Model, images: readonly Uint8Array[]): Promise<void> {
  const engine = await openEngine(model);
  const procedure = await procedureFor(engine, model, images, COVERAGE);

  const preprocess = createPreprocess(model.manifest);
  const plain = await openPlain(
    model,
    images.slice(0, 16).map((pixels) => preprocess(pixels).values),
  );
  const ratios: number[] = [];
  let passes: number[] = [];
  let gradients: number[] = [];
  const repeats = short ? 1 : Math.ceil(NUMBERS / (images.length * model.dimension));
  const repeated = Array.from({ length: repeats }, () => images).flat();
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const measured = await measureAll(engine, model, repeated, procedure);
    const gated = (1000 * repeated.length) / (performance.now() - began);
    passes = measured.map((one) => one.passes);
    gradients = measured.map((one) => one.rounds.length);
    ratios.push(gated / (await plain.throughput(repeated.length)));
  }
  await plain.release();
  engine.close();
  raw(`${model.manifest.name}: gated/plain`, ratios);
  const { height, width, channels } = model.shape;
  result('growth', {
    input: `${height}x${width}x${channels}`,
    mean_passes: mean(passes),
    mean_gradients: mean(gradients),
    exact_passes: 1 + 2 * model.dimension,
    ratio: median(ratios),
    images: images.length,
    coverage: COVERAGE,
    threads,
  });
}

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const fashion = await loadModel(folder);
const idx = await readIdxImages(join(folder, 'test-split/t10k-images-idx3-ubyte.gz'));
await compare(
  fashion,
  Array.from({ length: short ? 128 : 1024 }, (_, i) => idx.pixels(i)),
);

// The largest takes minutes.
for (const model of [await resNet8(), short ? null : await mobileNet()]) {
  if (model === null) {
    console.log(
      'left out: a larger input, whose model is not beside this checkout or not for the short form',
    );
  } else {
    const decode = createDecode(model.manifest, 50_000_000);
    const pixels = await Promise.all(
      (await photographs()).slice(0, IMAGES).map(async (bytes) => (await decode(bytes)).pixels),
    );
    await compare(model, pixels);
  }
}
