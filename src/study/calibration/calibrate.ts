/**
 * Calibrates a gate: labelled images in, a gate or the reason why there is none out.
 *
 * The images are halved by their pixels. The fit half teaches the prior, chooses signal, floor and
 * thresholds; the other half proves. All are measured by the engine that serves, and what is proven is about
 * the score that it serves.
 */
import type { DatasetProblem } from '../../dataset/dataset.ts';
import { requireDisjoint, splitByHash } from '../../dataset/split.ts';
import type { Engine } from '../../engine/engine.ts';
import { candidateSignals, copiedFor } from './candidates.ts';
import { chooseByFit, scoredBy } from './choose-by-fit.ts';
import { type CalibrationOutcome, chooseRule, type Goal, proveRule } from './choose-rule.ts';
import type { Standing } from './choose-signal.ts';
import type { GateFile } from '../../gate/gate.ts';
import type { SignalName } from '../../gate/signals/registry.ts';
import type { Model } from '../../model/load.ts';
import type { ImageStatistics } from '../../numerics/familiarity/image-statistics.ts';
import { changedPictures, MOST_CHANGED } from './changed-pictures.ts';
import { makeGate } from './make-gate.ts';
import type { HashedDataset, HashedImage } from '../measuring/hash-dataset.ts';
import { learningProcedure, TRIAL_PROCEDURE } from './learn-plan.ts';
import type { Procedure } from '../../prediction/measure-input.ts';
import { measureDataset } from '../measuring/measure-dataset.ts';
import type { MeasuredImage } from '../measuring/measured-image.ts';

export interface CalibrateOptions {
  /** `best`: the signal that lets most fit images through at the goal. */
  readonly signal: SignalName | 'best';
  readonly goal: Goal;
  /** Share of the automatic fit images whose sensitivity is within the gate's limit; 1 for no limit. */
  readonly calm: number;
  /** Share of the fit images that may be sent to people as unfamiliar; 0 to ask nothing of familiarity. */
  readonly unfamiliar: number;
  /** Which half an image falls into depends on it. */
  readonly salt: string;
  readonly cache: string | null;
  readonly onProgress: (what: string) => (done: number, total: number) => void;
  readonly created: string;
  readonly tool: string;
}

export interface Calibrated {
  readonly outcome: CalibrationOutcome;
  /** Null unless certified or covered. */
  readonly gate: GateFile | null;
  /** All that was left out, from reading on. */
  readonly problems: readonly DatasetProblem[];
  /** With `best`: how the signals did on the fit images, the chosen one first. */
  readonly standings: readonly Standing[];
  /** Why the gate asks nothing of familiarity: a sentence; null where it does, or nothing was wanted. */
  readonly noFamiliarity: string | null;
}

/**
 * @throws RangeError with fewer than 50 fit images that have a sensitivity
 * @throws EngineError
 */
export async function calibrate(
  engine: Engine,
  model: Model,
  dataset: HashedDataset,
  options: CalibrateOptions,
): Promise<Calibrated> {
  const { goal, cache } = options;
  const halves = splitByHash(dataset.images, options.salt);
  requireDisjoint(halves);
  const problems: DatasetProblem[] = [...dataset.problems];
  const measure = async (
    images: readonly HashedImage[],
    procedure: Procedure,
    what: string,
  ): Promise<readonly MeasuredImage[]> => {
    const found = await measureDataset(engine, model, images, procedure, {
      cache,
      onProgress: options.onProgress(what),
    });
    for (const problem of found.problems) problems.push(problem);
    return found.images;
  };

  const [trial] = await measure(halves.fit.slice(0, 1), TRIAL_PROCEDURE, 'one image');
  if (trial === undefined) throw new RangeError('expected an image that can be measured, got none');
  const signals = options.signal === 'best' ? candidateSignals(model) : [options.signal];
  const learning = await measure(
    halves.fit,
    learningProcedure(trial.estimate, copiedFor(signals, model)),
    'fit',
  );
  const changed = options.unfamiliar === 0 ? [] : await changedFrom(halves.fit, model);
  const chosen = chooseByFit(learning, signals, model, { ...options, changed });
  const { ranking, limit, familiarity, noFamiliarity, standings } = chosen;
  const { signal } = ranking;
  const plan = familiarity === null ? ranking.plan : { ...ranking.plan, statistics: true };
  const fit = scoredBy(learning, { ...chosen, crossFit: null });
  const rule = chooseRule(fit, halves.certification.length, signal === 'sensitivity', goal);
  const threshold =
    signal === 'sensitivity' ? ([rule.thresholds[0]!, rule.thresholds.at(-1)!] as const) : limit;
  const proving = await measure(halves.certification, { plan, threshold }, 'certification');
  const certification = scoredBy(proving, { ...chosen, crossFit: null });
  const outcome = proveRule(fit, certification, rule, goal);
  const gate = makeGate(outcome, {
    ranking,
    limit,
    familiarity,
    floor: rule.floor,
    model,
    goal,
    learning,
    fit,
    proving,
    certification,
    problems,
    data: dataset.name,
    created: options.created,
    tool: options.tool,
  });
  return { outcome, gate, problems, standings, noFamiliarity };
}

/** Statistics of pictures that are made unlike the first of these images. */
async function changedFrom(
  images: readonly HashedImage[],
  { shape }: Model,
): Promise<readonly ImageStatistics[]> {
  const read = await Promise.all(images.slice(0, MOST_CHANGED).map((image) => image.read()));
  return changedPictures(
    read.map(({ pixels }) => pixels),
    shape,
  );
}
