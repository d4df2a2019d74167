/**
 * How near does the exact Jacobian, 1 + 2D passes through the engine, come to as many plain passes of ONNX
 * Runtime?
 */
import { join } from 'node:path';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { check, describeMachine, median, openEngine, raw, result, root, short } from './harness.ts';
import { openPlain } from './plain.ts';

const ROUNDS = short ? 1 : 7;

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const images = await readIdxImages(join(folder, 'test-split/t10k-images-idx3-ubyte.gz'));
const preprocess = createPreprocess(model.manifest);
const engine = await openEngine(model);
const plain = await openPlain(
  model,
  Array.from({ length: 128 }, (_, i) => preprocess(images.pixels(i)).values),
);
const passes = 1 + 2 * model.dimension;
const exactSpeeds: number[] = [];
const plainSpeeds: number[] = [];
const first = await engine.measure(images.pixels(0), { kind: 'exact' }, 600_000);
for (let round = 0; round < ROUNDS; round++) {
  const began = performance.now();
  const again = await engine.measure(images.pixels(0), { kind: 'exact' }, 600_000);
  exactSpeeds.push((1000 * passes) / (performance.now() - began));
  check(again.result?.passes === passes, `expected ${passes} passes, got ${again.result?.passes}`);
  check(again.result.sensitivity === first.result?.sensitivity, 'the same image has another sensitivity');
  plainSpeeds.push(await plain.throughput(passes));
}
raw('exact passes/s', exactSpeeds);
raw(`plain passes/s, batch ${plain.batch}`, plainSpeeds);
result('exact', {
  ratio: median(exactSpeeds.map((speed, i) => speed / plainSpeeds[i]!)),
  passes,
  images_per_s: median(exactSpeeds) / passes,
});
await plain.release();
engine.close();
