/**
 * How many rows should a batch have, and how many of them should have their gradients computed at once?
 * Images a second through the sessions that the engine uses, for every size, against the size that it picks;
 * gradients by one thread, as the engine has them.
 *
 *     node research/batch-rows.ts [--short] [model folder …]
 *
 * Without a folder: the shipped Fashion-MNIST model, and MobileNetV2 where it is at hand.
 */
import { join } from 'node:path';
import { batchRowsFor, gradientRowsFor } from '../src/engine/batch-rows.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { openGradients } from '../src/model/gradients.ts';
import { openSession } from '../src/model/session.ts';
import type { Classifier } from '../src/numerics/jacobian/classifier.ts';
import { createUniform } from '../src/numerics/random.ts';
import {
  check,
  describeMachine,
  median,
  mobileNet,
  raw,
  result,
  root,
  short,
  threads,
} from '../bench/harness.ts';

const ROUNDS = short ? 1 : 7;
const LARGEST = 512;
/** Input numbers of the largest batch that is tried. */
const MOST_NUMBERS = 8e6;

interface Question {
  readonly name: string;
  /** Rows that the engine takes. */
  readonly chosen: number;
  /** Numbers that a row is answered with. */
  readonly width: number;
  readonly answer: Classifier;
}

async function compare(
  { manifest, dimension }: Model,
  { name, chosen, width, answer }: Question,
): Promise<void> {
  const powers = Array.from({ length: 1 + Math.log2(LARGEST) }, (_, i) => 2 ** i);
  const sizes = [...new Set([...powers, chosen])]
    .filter((rows) => rows * dimension <= MOST_NUMBERS)
    .sort((a, b) => a - b);
  const largest = sizes.at(-1)!;
  const inputs = new Float32Array(largest * dimension);
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
  for (let i = 0; i < inputs.length; i++) inputs[i] = uniform() - 0.5;

  const alone = await answer(inputs.slice(0, dimension), 1);
  const speeds: number[][] = sizes.map(() => []);
  const images = short ? largest : 2 * largest;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, rows] of sizes.entries()) {
      const batch = inputs.slice(0, rows * dimension);
      const together = await answer(batch, rows);
      // The engine fills its batches with whatever waits: an answer must not depend on it.
      check(
        together.length === rows * width && alone.every((value, i) => value === together[i]),
        `in a batch of ${rows} an image has another ${name} than alone`,
      );
      const runs = Math.ceil(images / rows);
      const began = performance.now();
      for (let run = 0; run < runs; run++) await answer(batch, rows);
      speeds[place]!.push((1000 * runs * rows) / (performance.now() - began));
    }
  }
  const reference = speeds[sizes.indexOf(chosen)]!;
  for (const [place, rows] of sizes.entries()) {
    raw(`${manifest.name}, ${name}, batch ${rows}, images/s`, speeds[place]!);
    result('batch-rows', {
      model: manifest.name,
      of: name,
      rows,
      chosen,
      ratio_to_chosen: median(speeds[place]!.map((speed, i) => speed / reference[i]!)),
    });
  }
}

async function compareBoth(model: Model): Promise<void> {
  const rows = batchRowsFor(model.dimension);
  const session = await openSession(model, { threads });
  await compare(model, { name: 'pass', chosen: rows, width: model.classes, answer: session.classify });
  await session.release();

  const gradients = await openGradients(model, { threads: 1, ceilings: 'ignored' });
  check(gradients.pullBack !== null, `${model.manifest.name} has no gradients`);
  const { pullBack } = gradients;
  await compare(model, {
    name: 'gradient',
    chosen: gradientRowsFor(rows),
    width: model.dimension,
    answer: (inputs, count) => pullBack(inputs, new Float32Array(count * model.classes).fill(1), count),
  });
  await gradients.release();
}

describeMachine();
const folders = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
for (const folder of folders.length > 0 ? folders : [join(root, 'models/fashion-mnist')]) {
  await compareBoth(await loadModel(folder));
}
if (folders.length === 0) {
  const mobile = await mobileNet();
  if (mobile === null) console.log('left out: MobileNetV2, which is not beside this checkout');
  else await compareBoth(mobile);
}
