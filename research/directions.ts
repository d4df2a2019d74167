/**
 * What do the coordinates of a direction cost? Drawing normal against uniform ones, and both against a
 * forward pass of a model with inputs of that size: 28×28×1, and 224×224×3 where its model is at hand. And
 * the gradient that a steepest direction takes, against a pass: as the engine computes it, and with the upper
 * bounds of clipped ReLUs, which it ignores. Where there are none the two are one graph.
 */
import { join } from 'node:path';
import { loadModel, type Model } from '../src/model/load.ts';
import { openGradients } from '../src/model/gradients.ts';
import { openSession } from '../src/model/session.ts';
import { batchRowsFor, gradientRowsFor } from '../src/engine/batch-rows.ts';
import { uniformDirection } from '../src/numerics/jacobian/directions.ts';
import type { PullBack } from '../src/numerics/jacobian/classifier.ts';
import { createUniform, fillStandardNormal } from '../src/numerics/random.ts';
import { check, describeMachine, median, mobileNet, raw, result, root, short } from '../bench/harness.ts';

const ROUNDS = short ? 3 : 15;
/** Coordinates drawn in one round. */
const COORDINATES = short ? 600_000 : 3_000_000;

/** Milliseconds a direction of `dimension` coordinates, whose moments must be those of a direction. */
function timeDrawing(draw: typeof uniformDirection, dimension: number, seed: number): number {
  const directions = Math.ceil(COORDINATES / dimension);
  const target = new Float32Array(dimension);
  const uniform = createUniform(Uint32Array.of(seed, 2, 3, 4));
  let milliseconds = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < directions; i++) {
    const began = performance.now();
    draw(target, uniform);
    milliseconds += performance.now() - began;
    for (const value of target) {
      sum += value;
      squares += value * value;
    }
  }
  const count = directions * dimension;
  // Six standard errors: a coordinate has variance 1, its square at most 2.
  check(Math.abs(sum / count) < 6 / Math.sqrt(count), `${draw.name}: a mean of ${sum / count}`);
  check(
    Math.abs(squares / count - 1) < 6 * Math.sqrt(2 / count),
    `${draw.name}: a variance of ${squares / count}`,
  );
  return milliseconds / directions;
}

interface Costs {
  /** Milliseconds a row. */
  readonly pass: () => Promise<number>;
  readonly gradient: () => Promise<number>;
  readonly exactGradient: () => Promise<number>;
  readonly release: () => Promise<void>;
}

/** A forward pass and a gradient, in batches as the engine makes them and by one thread as it has them. */
async function openCosts(model: Model): Promise<Costs> {
  const session = await openSession(model, { threads: 1 });
  const rows = batchRowsFor(model.dimension);
  const gradientRows = { threads: 1, rows: gradientRowsFor(rows) };
  const gradients = await openGradients(model, { ...gradientRows, ceilings: 'ignored' });
  const exact = await openGradients(model, { ...gradientRows, ceilings: 'kept' });
  check(gradients.pullBack !== null && exact.pullBack !== null, `${model.manifest.name} has no gradients`);
  const inputs = new Float32Array(rows * model.dimension);
  const cotangents = new Float32Array(rows * model.classes).fill(1);
  const timed = (pullBack: PullBack) => async (): Promise<number> => {
    const began = performance.now();
    const found = await pullBack(inputs, cotangents, rows);
    check(found.length === inputs.length, `${found.length} numbers for ${rows} gradients`);
    return (performance.now() - began) / rows;
  };
  return {
    pass: async () => {
      const began = performance.now();
      const logits = await session.classify(inputs, rows);
      check(logits.length === rows * model.classes, `${logits.length} logits for ${rows} rows`);
      return (performance.now() - began) / rows;
    },
    gradient: timed(gradients.pullBack),
    exactGradient: timed(exact.pullBack),
    release: async () => {
      await session.release();
      await gradients.release();
      await exact.release();
    },
  };
}

describeMachine();
const models = [await loadModel(join(root, 'models/fashion-mnist')), await mobileNet()];
for (const model of models) {
  if (model === null) {
    console.log('left out: 224×224×3, whose model is not beside this checkout');
    continue;
  }
  const costs = await openCosts(model);
  await costs.pass();
  await costs.gradient();
  await costs.exactGradient();
  const normal: number[] = [];
  const uniform: number[] = [];
  const passes: number[] = [];
  const gradients: number[] = [];
  const exact: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    normal.push(timeDrawing(fillStandardNormal, model.dimension, round + 1));
    uniform.push(timeDrawing(uniformDirection, model.dimension, round + 1));
    passes.push(await costs.pass());
    gradients.push(await costs.gradient());
    exact.push(await costs.exactGradient());
  }
  await costs.release();
  raw('normal, ms a direction', normal);
  raw('uniform, ms a direction', uniform);
  raw(`${model.manifest.name}, ms a pass`, passes);
  raw(`${model.manifest.name}, ms a gradient`, gradients);
  raw(`${model.manifest.name}, ms a gradient with upper bounds`, exact);
  result('directions', {
    dimension: model.dimension,
    normal_to_uniform: median(normal.map((ms, i) => ms / uniform[i]!)),
    normal_to_pass: median(normal.map((ms, i) => ms / passes[i]!)),
    uniform_to_pass: median(uniform.map((ms, i) => ms / passes[i]!)),
    gradient_to_pass: median(gradients.map((ms, i) => ms / passes[i]!)),
    with_upper_bounds_to_pass: median(exact.map((ms, i) => ms / passes[i]!)),
  });
}
