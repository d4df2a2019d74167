/**
 * The rule by which a gate decides, in parts that each can send an input to a person by itself.
 *
 * Calibration scores labelled images by these functions and service decides by them, so that what is proven
 * is what is served.
 */
import { asksCopies } from '../numerics/jacobian/copies.ts';
import { decisionThreshold } from '../numerics/jacobian/decision-bounds.ts';
import { softmaxJacobianNorm } from '../numerics/jacobian/softmax.ts';
import { type Familiar, familiarityOf } from './familiarity.ts';
import type { GateFile } from './gate.ts';
import type { MeasurementPlan } from './measurement-plan.ts';
import type { MeasuredInput } from './signals/measured-input.ts';
import {
  copiesOf,
  needs,
  reviewScore,
  type SignalName,
  signalsOf,
  type SignalValues,
} from './signals/registry.ts';
import type { RiskModel } from './signals/risk-model.ts';

/** What a gate ranks by, and how that is measured. */
export interface Ranking {
  readonly signal: SignalName;
  readonly plan: MeasurementPlan;
  readonly risk: RiskModel | null;
}

/**
 * The number by which a gate ranks: it accepts what is at most its threshold, turned so that more means more
 * reason for review. NaN, which nothing accepts, where the signal was not measured.
 *
 * A signal over copies is a staged rule: what the input's own answer leaves clear is decided by that, −∞ or
 * ∞, and the copies are asked of the others alone.
 */
export function rankScore({ signal, plan, risk }: Ranking, measured: MeasuredInput): number {
  if (signal === 'sensitivity') return sensitivityScore(plan, measured);
  return stagedScore(signal, plan, signalsOf(measured, needs(signal, 'risk_model') ? risk : null));
}

/** The same of any signal but the sensitivity, from signals that were measured once. */
export function stagedScore(
  signal: Exclude<SignalName, 'sensitivity'>,
  { copies }: Pick<MeasurementPlan, 'copies'>,
  signals: SignalValues,
): number {
  const { confidence = NaN } = signals;
  if (copiesOf(signal).length > 0 && copies !== null && !asksCopies(copies, confidence)) {
    if (confidence >= copies.between[1]) return -Infinity;
    return confidence <= copies.between[0] ? Infinity : NaN;
  }
  return reviewScore(signal, signals[signal] ?? NaN);
}

/**
 * The least limit at which the stopping rule decides that the sensitivity lies below, whatever probes it
 * took; ∞ where the budget ends before there is one.
 */
export function sensitivityScore(plan: MeasurementPlan, measured: MeasuredInput): number {
  const { probabilities, rounds, looks } = measured;
  return decisionThreshold(plan, { softmaxNorm: softmaxJacobianNorm(probabilities), rounds, looks });
}

/** How familiar the input is to a gate that asks; null where it does not. */
export function familiarTo(
  { familiarity }: Pick<GateFile, 'familiarity'>,
  { statistics, predicted }: MeasuredInput,
): Familiar | null {
  if (familiarity === null) return null;
  if (statistics === null) return { score: NaN, quantile: NaN, strange: [] };
  return familiarityOf(familiarity, statistics, predicted);
}

/** Whether all that the gate asks of familiarity holds; what was not measured is unfamiliar. */
export function isFamiliar(
  { familiarity }: Pick<GateFile, 'familiarity'>,
  familiar: Familiar | null,
): boolean {
  return familiarity === null || (familiar !== null && familiar.score <= familiarity.cut);
}

/**
 * The signals of an input as the gate has them measured. Those that need the model of `risk` are left out
 * unless the gate is on one, so that the lack of a feature of the model is no reason for review.
 */
export function servedSignals(
  gate: Pick<GateFile, 'signal' | 'risk'> | null,
  measured: MeasuredInput,
): SignalValues {
  return signalsOf(measured, gate && needs(gate.signal, 'risk_model') ? gate.risk : null);
}
