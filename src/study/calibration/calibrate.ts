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
import { rankSignals, scoresBySignal, type Standing } from './best-signal.ts';
import {
  type CalibrationOutcome,
  chooseRule,
  type Goal,
  proveRule,
  type ScoredImage,
} from './choose-rule.ts';
import type { GateFile } from '../../gate/gate.ts';
import type { MeasurementPlan } from '../../gate/measurement-plan.ts';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import { servedScore } from '../../gate/served-score.ts';
import { needs, SIGNAL_NAMES, type SignalName } from '../../gate/signals/registry.ts';
import type { Model } from '../../model/load.ts';
import { defaultFamily } from '../../numerics/jacobian/transforms.ts';
import { riskModelOf } from './cross-fit.ts';
import { makeGate } from './make-gate.ts';
import type { HashedDataset, HashedImage } from '../measuring/hash-dataset.ts';
import { learningProcedure, learnPlan, shortPlan, TRIAL_PROCEDURE } from './learn-plan.ts';
import type { Procedure } from '../../prediction/measure-input.ts';
import { measureDataset } from '../measuring/measure-dataset.ts';
import { isWrong, type MeasuredImage } from '../measuring/measured-image.ts';

export interface CalibrateOptions {
  /** `best`: the signal that ranks the fit images' errors best. */
  readonly signal: SignalName | 'best';
  readonly goal: Goal;
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
  const learning = await measure(halves.fit, learningProcedure(trial.estimate), 'fit');
  const learned = learnPlan(learning.map(({ estimate }) => estimate));
  const family = defaultFamily(model.manifest.mirror_keeps_label);
  const candidates = options.signal === 'best' ? SIGNAL_NAMES : [options.signal];
  // With transformed copies: one short measurement has what any signal needs.
  const withCopies = { plan: shortPlan(trial.estimate, family), threshold: null };
  const short =
    options.signal === 'sensitivity' ? [] : await measure(halves.fit, withCopies, 'fit, transformed copies');
  const risk = candidates.some((name) => needs(name, 'risk_model')) ? riskModelOf(short) : null;
  const standings =
    options.signal === 'best'
      ? rankSignals(scoresBySignal(short, learning, learned), short.map(isWrong))
      : [];
  const signal = options.signal === 'best' ? standings[0]!.signal : options.signal;

  const plan =
    signal === 'sensitivity'
      ? learned
      : shortPlan(trial.estimate, needs(signal, 'transforms') ? family : null);
  const scored = (images: readonly MeasuredImage[]): readonly ScoredImage[] =>
    images.map((image) => scoredImage(signal, plan, image, risk));
  const fit = scored(signal === 'sensitivity' ? learning : short);
  const rule = chooseRule(fit, halves.certification.length, signal === 'sensitivity', goal);
  const threshold =
    signal === 'sensitivity' ? ([rule.thresholds[0]!, rule.thresholds.at(-1)!] as const) : null;
  const proving = await measure(halves.certification, { plan, threshold }, 'certification');
  const certification = scored(proving);
  const outcome = proveRule(fit, certification, rule, goal);
  const gate = makeGate(outcome, {
    signal,
    plan,
    risk,
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
  return { outcome, gate, problems, standings };
}

function scoredImage(
  signal: SignalName,
  plan: MeasurementPlan,
  image: MeasuredImage,
  risk: RiskModel | null,
): ScoredImage {
  const { estimate } = image;
  return {
    score: servedScore(signal, plan, estimate, risk),
    confidence: estimate.probabilities[estimate.predicted]!,
    wrong: isWrong(image),
  };
}
