/**
 * Does the gate's cost grow with the size of the input? Forward passes an image and gated against plain throughput, for 28×28×1,
 * 32×32×3 and 224×224×3; the larger two where their models are at hand.
 */
import { join } from 'node:path';
import { createDecode } from '../src/model/decode.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { courseFor, measureAll } from './course.ts';
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

async function compare(model: Model, images: readonly Uint8Array[]): Promise<void> {
  const engine = await openEngine(model);
  const course = await courseFor(engine, model, images, COVERAGE);

  const preprocess = createPreprocess(model.manifest);
  const plain = await openPlain(
    model,
    images.slice(0, 16).map((pixels) => preprocess(pixels).values),
  );
  const ratios: number[] = [];
  let passes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    passes = (await measureAll(engine, model, images, course)).map((measured) => measured.passes);
    const gated = (1000 * images.length) / (performance.now() - began);
    ratios.push(gated / (await plain.throughput(images.length)));
  }
  await plain.release();
  engine.close();
  raw(`${model.manifest.name}: gated/plain`, ratios);
  const { height, width, channels } = model.shape;
  result('growth', {
    input: `${height}x${width}x${channels}`,
    mean_passes: passes.reduce((sum, k) => sum + k, 0) / passes.length,
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
    const pixels = await Promise.all((await photographs()).slice(0, IMAGES).map((bytes) => decode(bytes)));
    await compare(model, pixels);
  }
}
