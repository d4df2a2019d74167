/**
 * Calibrates a gate: labelled images in, a gate or the reason why there is none out.
 *
 * The images are halved by their pixels. The fit half teaches the prior, chooses signal, floor and thresholds; the other half proves. All are
 * measured by the engine that serves, and what is proven is about the score that it serves.
 */
import type { DatasetProblem } from '../../dataset/dataset.ts';
import { requireDisjoint, splitByHash, splitHash } from '../../dataset/split.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Estimate } from '../../engine/job.ts';
import { compareSignals, type Standing } from './best-signal.ts';
import {
  type CalibrationOutcome,
  chooseRule,
  type Goal,
  proveRule,
  type ScoredImage,
} from './choose-rule.ts';
import type { Calibration, GateFile, MeasurementPlan } from '../../gate/gate.ts';
import type { RiskModel } from '../../gate/risk.ts';
import { servedScore } from '../../gate/score.ts';
import { reviewScore, type Signal } from '../../gate/signals.ts';
import type { Model } from '../../model/load.ts';
import { defaultFamily } from '../../numerics/jacobian/transforms.ts';
import { crossFitRisk, riskModelOf } from './cross-fit.ts';
import type { HashedDataset, HashedImage } from '../measuring/hash-dataset.ts';
import { learningProcedure, learnPlan, shortPlan, TRIAL_PROCEDURE } from './learn-plan.ts';
import type { Procedure } from '../../prediction/measure-pixels.ts';
import { measureDataset } from '../measuring/measure-dataset.ts';
import type { MeasuredImage } from '../measuring/measured-image.ts';

export interface CalibrateOptions {
  /** `best`: the signal that ranks the fit images' errors best. */
  readonly signal: Signal | 'best';
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

/** Shares at which the distribution of sensitivities is kept. */
const QUANTILES = Array.from({ length: 101 }, (_, i) => i / 100);

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
    problems.push(...found.problems);
    return found.images;
  };

  const [trial] = await measure(halves.fit.slice(0, 1), TRIAL_PROCEDURE, 'one image');
  if (trial === undefined) throw new RangeError('expected an image that can be measured, got none');
  const learning = await measure(halves.fit, learningProcedure(trial.estimate), 'fit');
  const learned = learnPlan(learning.map(({ estimate }) => estimate));
  const family = defaultFamily(model.manifest.mirror_keeps_label);
  const withCopies = { plan: shortPlan('risk', trial.estimate, family), threshold: null };
  const wants = (signal: Signal): boolean => options.signal === signal || options.signal === 'best';
  // The signals of one short measurement are a by-product of that for `risk`.
  const short =
    options.signal === 'sensitivity' ? [] : await measure(halves.fit, withCopies, 'fit, transformed copies');
  const risk = wants('risk') ? riskModelOf(short) : null;
  const standings = options.signal === 'best' ? compareAll(learning, short, learned) : [];
  const signal = options.signal === 'best' ? standings[0]!.signal : options.signal;

  const plan = signal === 'sensitivity' ? learned : shortPlan(signal, trial.estimate, family);
  const scored = (images: readonly MeasuredImage[]): readonly ScoredImage[] =>
    images.map(({ estimate, label }) => scoredImage(signal, plan, estimate, label, risk));
  const fit = scored(signal === 'sensitivity' ? learning : short);
  const rule = chooseRule(fit, halves.certification.length, signal === 'sensitivity', goal);
  const threshold =
    signal === 'sensitivity' ? ([rule.thresholds[0]!, rule.thresholds.at(-1)!] as const) : null;
  const proving = await measure(halves.certification, { plan, threshold }, 'certification');
  const certification = scored(proving);
  const outcome = proveRule(fit, certification, rule, goal);
  const gate = gateOf(outcome, {
    signal,
    plan,
    risk,
    floor: rule.floor,
    model,
    goal,
    fit: splitOf(learning, fit),
    certification: splitOf(proving, certification),
    quantiles: quantilesOf(learning),
    problems,
    data: dataset.name,
    created: options.created,
    tool: options.tool,
  });
  return { outcome, gate, problems, standings };
}

function scoredImage(
  signal: Signal,
  plan: MeasurementPlan,
  estimate: Estimate,
  label: number,
  risk: RiskModel | null,
): ScoredImage {
  return {
    score: servedScore(signal, plan, estimate, risk),
    confidence: estimate.probabilities[estimate.predicted]!,
    wrong: estimate.predicted !== label,
  };
}

function compareAll(
  learning: readonly MeasuredImage[],
  short: readonly MeasuredImage[],
  learned: MeasurementPlan,
): readonly Standing[] {
  const wrong = short.map(({ estimate, label }) => estimate.predicted !== label);
  const learnedOf = new Map(learning.map((image) => [image.hash, image.estimate]));
  const by = (signal: Signal): readonly number[] =>
    short.map(({ hash, estimate }) =>
      signal === 'sensitivity'
        ? servedScore(signal, learned, learnedOf.get(hash) ?? estimate, null)
        : servedScore(signal, learned, estimate, null),
    );
  const scores = new Map<Signal, readonly number[]>();
  for (const signal of [
    'sensitivity',
    'log_sensitivity',
    'transform_sensitivity',
    'agreement',
    'confidence',
    'margin',
    'entropy',
  ] as const) {
    scores.set(signal, by(signal));
  }
  const crossFit = crossFitRisk(short);
  if (crossFit !== null) {
    const scoreOf = ({ where, estimate }: MeasuredImage): number =>
      reviewScore('risk', servedScore('risk', learned, estimate, crossFit(where)));
    scores.set('risk', short.map(scoreOf));
  }
  return compareSignals(scores, wrong);
}

function splitOf(
  images: readonly MeasuredImage[],
  scored: readonly ScoredImage[],
): { readonly images: number; readonly errors: number; readonly hash: string } {
  return {
    images: images.length,
    errors: scored.filter(({ wrong }) => wrong).length,
    hash: splitHash(images),
  };
}

function quantilesOf(images: readonly MeasuredImage[]): [number, number][] {
  const sorted = images.map(({ estimate }) => estimate.sensitivity).sort((a, b) => a - b);
  return QUANTILES.map((share) => [share, sorted[Math.round(share * (sorted.length - 1))]!]);
}

interface GateParts {
  readonly signal: Signal;
  readonly plan: MeasurementPlan;
  readonly risk: RiskModel | null;
  readonly floor: number | null;
  readonly model: Model;
  readonly goal: Goal;
  readonly fit: Calibration['fit'];
  readonly certification: Calibration['fit'];
  readonly quantiles: [number, number][];
  readonly problems: readonly DatasetProblem[];
  readonly data: string;
  readonly created: string;
  readonly tool: string;
}

function gateOf(outcome: CalibrationOutcome, parts: GateParts): GateFile | null {
  const { signal, plan, risk, floor, model, goal, problems } = parts;
  const proven =
    outcome.outcome === 'certified' ? outcome : outcome.outcome === 'covered' ? outcome.proven : null;
  if (proven === null) return null;
  const kinds = [...new Set(problems.map(({ kind }) => kind))].sort();
  return {
    format: 1,
    signal,
    // reviewScore is its own inverse.
    threshold: reviewScore(signal, proven.threshold),
    confidence_floor: floor,
    show_prediction: true,
    model: { name: model.manifest.name, digest: model.digest },
    measurement: plan,
    risk: risk && { ...risk, features: [...risk.features], ...mutable(risk) },
    calibration: {
      method: goal.method,
      target: {
        risk: goal.method === 'fixed_sequence' ? goal.risk : null,
        coverage: goal.method === 'coverage' ? goal.coverage : null,
      },
      proven: { risk: proven.risk, confidence: goal.confidence },
      fit: parts.fit,
      certification: {
        ...parts.certification,
        accepted: proven.accepted,
        errors_accepted: proven.errors,
        pointwise_bound: outcome.outcome === 'certified' ? outcome.pointwiseBound : proven.risk,
      },
      sensitivity_quantiles: parts.quantiles,
      left_out: Object.fromEntries(
        kinds.map((kind) => [kind, problems.filter((problem) => problem.kind === kind).length]),
      ),
      data: parts.data,
      created: parts.created,
      tool: parts.tool,
    },
  };
}

function mutable({ coefficients, means, deviations }: RiskModel): {
  coefficients: number[];
  means: number[];
  deviations: number[];
} {
  return { coefficients: [...coefficients], means: [...means], deviations: [...deviations] };
}
