/**
 * How many rows should a batch have? Images a second through the session that the engine uses, for every batch size, against the size that
 * `batchRowsFor` picks.
 *
 *     node bench/batch-rows.ts [--short] [model folder …]
 *
 * Without a folder: the shipped Fashion-MNIST model, and MobileNetV2 where it is at hand.
 */
import { join } from 'node:path';
import { batchRowsFor } from '../src/engine/batch-rows.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { openSession } from '../src/model/session.ts';
import { createUniform } from '../src/numerics/random.ts';
import { check, describeMachine, median, mobileNet, raw, result, root, short, threads } from './harness.ts';

const ROUNDS = short ? 1 : 7;
const LARGEST = 512;
/** Input numbers of the largest batch that is tried. */
const MOST_NUMBERS = 8e6;

async function compare(model: Model): Promise<void> {
  const { dimension, classes } = model;
  const session = await openSession(model, { threads });
  const chosen = batchRowsFor(dimension);
  const powers = Array.from({ length: 1 + Math.log2(LARGEST) }, (_, i) => 2 ** i);
  const sizes = [...new Set([...powers, chosen])]
    .filter((rows) => rows * dimension <= MOST_NUMBERS)
    .sort((a, b) => a - b);
  const largest = sizes.at(-1)!;
  const inputs = new Float32Array(largest * dimension);
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
  for (let i = 0; i < inputs.length; i++) inputs[i] = uniform() - 0.5;

  const alone = await session.classify(inputs.slice(0, dimension), 1);
  const speeds: number[][] = sizes.map(() => []);
  const images = short ? largest : 2 * largest;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, rows] of sizes.entries()) {
      const batch = inputs.slice(0, rows * dimension);
      const logits = await session.classify(batch, rows);
      // The engine fills its batches with whatever waits: an answer must not depend on it.
      check(
        logits.length === rows * classes && alone.every((z, i) => z === logits[i]),
        `in a batch of ${rows} an image has other logits than alone`,
      );
      const runs = Math.ceil(images / rows);
      const began = performance.now();
      for (let run = 0; run < runs; run++) await session.classify(batch, rows);
      speeds[place]!.push((1000 * runs * rows) / (performance.now() - began));
    }
  }
  await session.release();
  const reference = speeds[sizes.indexOf(chosen)]!;
  for (const [place, rows] of sizes.entries()) {
    raw(`${model.manifest.name}, batch ${rows}, images/s`, speeds[place]!);
    result('batch-rows', {
      model: model.manifest.name,
      rows,
      chosen,
      ratio_to_chosen: median(speeds[place]!.map((speed, i) => speed / reference[i]!)),
    });
  }
}

describeMachine();
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const folder of folders.length > 0 ? folders : [join(root, 'models/fashion-mnist')]) {
  await compare(await loadModel(folder));
}
if (folders.length === 0) {
  const mobile = await mobileNet();
  if (mobile === null) console.log('left out: MobileNetV2, which is not beside this checkout');
  else await compare(mobile);
}
