/**
 * All that the fit images choose before the threshold's sequence: plan, signal, which images are asked for
 * copies, and the limit on the sensitivity.
 */
import type { Familiarity } from '../../gate/familiarity.ts';
import type { MeasurementPlan } from '../../gate/measurement-plan.ts';
import { familiarTo, isFamiliar, rankScore, type Ranking, sensitivityScore } from '../../gate/rule.ts';
import { copiesOf, needs, type SignalName } from '../../gate/signals/registry.ts';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import type { Model } from '../../model/load.ts';
import type { ImageStatistics } from '../../numerics/familiarity/image-statistics.ts';
import { isWrong, type MeasuredImage } from '../measuring/measured-image.ts';
import { copiedFor, furtherPasses } from './candidates.ts';
import { chooseCopies, staged } from './choose-copies.ts';
import { chooseRule, type Goal, type ScoredImage } from './choose-rule.ts';
import { type Candidate, compareSignals, type Standing } from './choose-signal.ts';
import { type CrossFit, crossFitRisk, riskModelOf } from './cross-fit.ts';
import { fitFamiliarity } from './fit-familiarity.ts';
import { learnPlan, servedPlan } from './learn-plan.ts';

export interface FitOptions {
  readonly signal: SignalName | 'best';
  readonly goal: Goal;
  /** Share of the fit images that may be sent to people as unfamiliar; 0 to ask nothing. */
  readonly unfamiliar: number;
  /** Statistics of pictures made unlike the fit images. */
  readonly changed: readonly ImageStatistics[];
  /** Share of the automatic fit images whose sensitivity is within the limit; 1 for no limit. */
  readonly calm: number;
}

/** What the fit images have chosen. */
export interface ChosenByFit {
  readonly ranking: Ranking;
  /** Largest sensitivity of an automatic label; null for a gate that ranks by it, and where none is asked. */
  readonly limit: number | null;
  readonly familiarity: Familiarity | null;
  /** Why nothing is asked of familiarity: a sentence; null where something is, or nothing was wanted. */
  readonly noFamiliarity: string | null;
  /** How the signals did, the chosen one first. */
  readonly standings: readonly Standing[];
}

/**
 * @param learning The fit images by the learning procedure, with the copies that the signals need.
 * @throws RangeError with fewer than 50 images that have a sensitivity
 */
export function chooseByFit(
  learning: readonly MeasuredImage[],
  signals: readonly SignalName[],
  model: Model,
  { signal: wanted, goal, calm, unfamiliar, changed }: FitOptions,
): ChosenByFit {
  const learned = learnPlan(learning.map(({ estimate }) => estimate));
  const { familiarity, reason } = familiarityOf(learning, unfamiliar, changed);
  const wantsRisk = signals.some((name) => needs(name, 'risk_model'));
  const crossFit = wantsRisk && wanted === 'best' ? crossFitRisk(learning) : null;
  const risk = wantsRisk ? riskModelOf(learning) : null;
  const fitted = signals.filter((name) => wanted === name || !needs(name, 'risk_model') || crossFit !== null);
  const candidates = fitted.map((name) => {
    const folds = needs(name, 'risk_model') ? crossFit : null;
    const options = { signal: name, learned, risk, crossFit: folds, familiarity };
    return candidateOf(learning, { ...options, model, goal, calm });
  });
  const standings = wanted === 'best' ? compareSignals(candidates, goal) : [];
  const { ranking, limit } = candidates.find(({ signal }) => signal === (standings[0]?.signal ?? wanted))!;
  return { ranking, limit, familiarity, noFamiliarity: reason, standings };
}

/** What is familiar, as far as the fit images tell. */
function familiarityOf(
  learning: readonly MeasuredImage[],
  unfamiliar: number,
  changed: readonly ImageStatistics[],
): ReturnType<typeof fitFamiliarity> | { readonly familiarity: null; readonly reason: null } {
  if (unfamiliar === 0) return { familiarity: null, reason: null };
  const images = learning.flatMap(({ hash, estimate: { statistics, predicted } }) =>
    statistics === null ? [] : [{ hash, statistics, predicted }],
  );
  return fitFamiliarity(images, { mostShare: unfamiliar, changed });
}

/** How images are scored: by a model of `risk` of its own for each, where there is a cross fit. */
export interface Scoring extends Pick<ChosenByFit, 'ranking' | 'limit' | 'familiarity'> {
  readonly crossFit: CrossFit | null;
}

/** Labelled images as the gate scores them. */
export function scoredBy(
  images: readonly MeasuredImage[],
  { ranking, limit, familiarity, crossFit }: Scoring,
): readonly ScoredImage[] {
  return images.map((image) => {
    const { estimate, where } = image;
    const risk: RiskModel | null = crossFit === null ? ranking.risk : crossFit(where);
    return {
      score: rankScore({ ...ranking, risk }, estimate),
      confidence: estimate.probabilities[estimate.predicted]!,
      wrong: isWrong(image),
      admitted:
        (limit === null || sensitivityScore(ranking.plan, estimate) <= limit) &&
        isFamiliar({ familiarity }, familiarTo({ familiarity }, estimate)),
    };
  });
}

interface CandidateOptions extends Pick<FitOptions, 'goal' | 'calm'> {
  readonly signal: SignalName;
  readonly learned: MeasurementPlan;
  readonly risk: RiskModel | null;
  readonly crossFit: CrossFit | null;
  readonly familiarity: Familiarity | null;
  readonly model: Model;
}

/** A gate on one signal, as the fit images make it. */
function candidateOf(
  learning: readonly MeasuredImage[],
  { signal, learned, risk, crossFit, familiarity, model, goal, calm }: CandidateOptions,
): Candidate & Pick<ChosenByFit, 'ranking' | 'limit'> {
  const { transforms } = copiedFor([signal], model);
  const unstaged: Ranking = { signal, plan: servedPlan(learned, signal, { transforms, copies: null }), risk };
  const scored = scoredBy(learning, { ranking: unstaged, limit: null, familiarity, crossFit });
  const limit = signal === 'sensitivity' ? null : limitOf(learning, scored, unstaged.plan, goal, calm);
  const images = scoredBy(learning, { ranking: unstaged, limit, familiarity, crossFit });
  const names = copiesOf(signal);
  const copies = names.length === 0 ? null : chooseCopies(images, names, goal);
  return {
    ranking: { ...unstaged, plan: servedPlan(learned, signal, { transforms, copies }) },
    limit,
    signal,
    images: copies === null ? images : staged(images, copies.between),
    scores: scored.map(({ score }) => score),
    withFloor: signal === 'sensitivity',
    furtherPasses: furtherPasses(signal, model),
  };
}

/**
 * The sensitivity that so large a share of the automatic fit images keeps within, whatever ranks them: beyond
 * it calibration has seen next to nothing that was labelled.
 */
function limitOf(
  learning: readonly MeasuredImage[],
  scored: readonly ScoredImage[],
  plan: MeasurementPlan,
  goal: Goal,
  calm: number,
): number | null {
  if (calm >= 1) return null;
  const { thresholds } = chooseRule(scored, learning.length, false, goal);
  const last = thresholds.at(-1) ?? Infinity;
  const automatic = learning.filter((_, i) => scored[i]!.admitted && scored[i]!.score <= last);
  const sensitivities = automatic
    .map(({ estimate }) => sensitivityScore(plan, estimate))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const limit = sensitivities[Math.max(0, Math.ceil(calm * sensitivities.length) - 1)];
  return limit === undefined || !Number.isFinite(limit) ? null : limit;
}
