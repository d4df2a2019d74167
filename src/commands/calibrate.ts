import { readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Estimate } from '../engine/job.ts';
import { batchRowsFor } from '../engine/batch-rows.ts';
import { thresholdForCoverage } from '../gate/coverage.ts';
import type { GateFile } from '../gate/gate.ts';
import { type IdxImages, readIdxImages } from '../model/idx.ts';
import { loadModel, type Model } from '../model/load.ts';
import { learningCourse, learnPlan, TRIAL_COURSE } from '../prediction/learn.ts';
import { type Course, hashPixels, measurePixels } from '../prediction/measure.ts';

export const usage = `sensigate calibrate --data <…images-idx3-ubyte[.gz]> --coverage <0..1> [--model <folder>]
                    [--split <splits.json>:<name>] [--out <gate.json>]

Measures the images as the service does and writes the gate whose threshold accepts that share of them.`;

/** Inputs open at once: enough to keep the engine's batches full. */
const OPEN_INPUTS = 128;
const DEADLINE_MS = 120_000;
const THRESHOLD_ROUNDS = 5;
/** Of the share of automatic labels. */
const COVERAGE_TOLERANCE = 0.002;

const splitsSchema = z.object({ indices: z.record(z.string(), z.array(z.int().min(0))) });

/** Writes a gate for a review budget. Exit code 0 when the file is written. */
export async function calibrate(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      model: { type: 'string', default: 'models/fashion-mnist' },
      split: { type: 'string' },
      coverage: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const coverage = Number(values.coverage);
  if (!values.data || !(coverage > 0 && coverage <= 1)) {
    console.error(usage);
    return 2;
  }
  const model = await loadModel(values.model);
  const images = await readIdxImages(values.data);
  const { height, width, channels } = model.shape;
  if (images.height !== height || images.width !== width || channels !== 1) {
    throw new Error(
      `${values.data} holds ${images.height}×${images.width}×1 images, but ${model.manifest.name} takes ${height}×${width}×${channels}`,
    );
  }
  const chosen = values.split
    ? await readSplit(values.split, images.count)
    : Array.from({ length: images.count }, (_, i) => i);
  const gate = await calibrateCoverage(model, images, chosen, coverage, {
    data: basename(values.data) + (values.split ? ` ${basename(values.split)}` : ''),
    created: new Date().toISOString(),
  });
  const out = values.out ?? join(values.model, 'gate.json');
  await writeGate(out, gate);
  const { accepted, errors, errors_accepted } = gate.calibration;
  console.log(
    `${out}: threshold ${gate.threshold.toPrecision(4)} accepts ${accepted} of ${chosen.length} images, ` +
      `${errors_accepted} of them wrong (${errors} wrong in all)`,
  );
  return 0;
}

/**
 * Two rounds: the whole budget for every image gives the prior and the threshold; then every image is decided as the service will
 * decide it, which gives the figures that stand in the gate.
 */
async function calibrateCoverage(
  model: Model,
  images: IdxImages,
  chosen: readonly number[],
  coverage: number,
  origin: { readonly data: string; readonly created: string },
): Promise<GateFile> {
  const engine = createEngine(model, {
    processes: availableParallelism(),
    threads: 1,
    batchRows: batchRowsFor(model.dimension),
    queueLimit: OPEN_INPUTS,
    silenceMs: 60_000,
    events: { onBatch: () => undefined, onRestart: () => undefined },
  });
  try {
    await engine.started();
    if (engine.unusable !== null) throw new Error(engine.unusable);
    const [trial] = await measureAll(engine, model, images, chosen.slice(0, 1), TRIAL_COURSE, 'one image');
    const course = learningCourse(trial!);
    const first = await measureAll(engine, model, images, chosen, course, 'prior and threshold');
    const sensitivities = first.map(({ sensitivity }) => sensitivity);
    const measurement = learnPlan(first);
    const decideAt = (threshold: number): Promise<Estimate[]> =>
      measureAll(engine, model, images, chosen, { plan: measurement, threshold }, 'decisions');

    // What the budget leaves undecided near the threshold goes to review: raise it until the share is what was asked for.
    let share = coverage;
    let { threshold } = thresholdForCoverage(sensitivities, 'sensitivity', share);
    let decided = await decideAt(threshold);
    for (let round = 0; round < THRESHOLD_ROUNDS; round++) {
      const got = decided.filter(({ verdict }) => verdict === 'below').length / chosen.length;
      if (Math.abs(got - coverage) < COVERAGE_TOLERANCE) break;
      share = Math.min(1, share + coverage - got);
      ({ threshold } = thresholdForCoverage(sensitivities, 'sensitivity', share));
      decided = await decideAt(threshold);
    }
    const right = decided.map(({ predicted }, i) => predicted === images.classOf(chosen[i]!));
    const confidences = decided
      .filter(({ verdict }, i) => verdict === 'below' && right[i])
      .map(({ probabilities, predicted }) => probabilities[predicted]!);
    // ‖S(p)‖ is small again for a flat answer: the least confident of the right ones is as far as calibration speaks.
    const floor = Math.min(1, ...confidences);
    const isAuto = ({ verdict, probabilities, predicted }: Estimate): boolean =>
      verdict === 'below' && probabilities[predicted]! >= floor;
    return {
      format: 1,
      signal: 'sensitivity',
      threshold,
      confidence_floor: floor,
      show_prediction: true,
      model: { name: model.manifest.name, digest: model.digest },
      measurement,
      calibration: {
        method: 'coverage',
        target_coverage: coverage,
        images: chosen.length,
        accepted: decided.filter(isAuto).length,
        errors_accepted: decided.filter((one, i) => isAuto(one) && !right[i]).length,
        errors: right.filter((correct) => !correct).length,
        ...origin,
      },
    };
  } finally {
    engine.close();
  }
}

async function readSplit(argument: string, count: number): Promise<readonly number[]> {
  const colon = argument.lastIndexOf(':');
  const [path, name] = [argument.slice(0, colon), argument.slice(colon + 1)];
  const { indices } = splitsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const chosen = indices[name];
  if (!chosen) throw new Error(`${path} has no split "${name}"; it has ${Object.keys(indices).join(', ')}`);
  const outside = chosen.find((index) => index >= count);
  if (outside !== undefined)
    throw new Error(`${path}: index ${outside} of "${name}" is not among ${count} images`);
  return chosen;
}

async function measureAll(
  engine: Engine,
  model: Model,
  images: IdxImages,
  chosen: readonly number[],
  course: Course,
  what: string,
): Promise<Estimate[]> {
  const results: Estimate[] = new Array<Estimate>(chosen.length);
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let place = next++; place < chosen.length; place = next++) {
      const index = chosen[place]!;
      const pixels = images.pixels(index);
      const outcome = await measurePixels(
        engine,
        pixels,
        hashPixels(pixels),
        model.digest,
        course,
        DEADLINE_MS,
      );
      if (outcome.result === null)
        throw new Error(`image ${index} could not be measured: ${outcome.failure}`);
      results[place] = outcome.result;
      done++;
      if (process.stderr.isTTY && done % 50 === 0)
        process.stderr.write(`\r${what}: ${done}/${chosen.length} `);
    }
  };
  await Promise.all(Array.from({ length: OPEN_INPUTS }, worker));
  if (process.stderr.isTTY) process.stderr.write('\r');
  return results;
}

/** Whole or not at all: written beside the old file, then renamed over it. */
async function writeGate(path: string, gate: GateFile): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify(gate, null, 2)}\n`);
  await rename(beside, path);
}
