import type { Verdict } from '../numerics/jacobian/measurement.ts';
import type { Familiar } from './familiarity.ts';
import type { Gate } from './gate.ts';
import { familiarTo, isFamiliar, servedSignals, stagedScore } from './rule.ts';
import type { MeasuredInput } from './signals/measured-input.ts';
import { reviewScore, type SignalValues } from './signals/registry.ts';

export type MeasurementFailure = 'not_measurable' | 'engine_died' | 'deadline';

/** What the gate's own plan has measured of one input. */
export interface MeasuredSignals {
  readonly signals: SignalValues;
  /**
   * Of the sensitivity against the gate's limit, which is its threshold where that is its signal; null where
   * there is none.
   */
  readonly verdict: Verdict | null;
  /** Null where the gate asks nothing of it. */
  readonly familiar: Familiar | null;
}

/** What a gate goes by of a measured input; without a gate all is told that was measured. */
export function measuredFor(gate: Gate | null, measured: MeasuredInput): MeasuredSignals {
  return {
    signals: servedSignals(gate, measured),
    verdict: measured.verdict,
    familiar: gate && familiarTo(gate, measured),
  };
}

export interface Decision {
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly (
    | 'sensitive'
    | 'unconfident'
    | 'unfamiliar'
    | 'damaged_image'
    | 'over_budget'
    | 'not_measurable'
    | 'uncalibrated'
    | 'promise_broken'
  )[];
}

type Reason = Decision['reasons'][number];

/**
 * The decision on one input. `auto` needs a gate of this model, a measurement by it, both bounds kept, and a
 * file that is whole; whatever is missing or not a number is a reason for review.
 *
 * @param measured What was measured, or why there is nothing.
 * @param damaged Whether its file is. What was measured of it may be as sure as anything, and is not of the
 *   picture that was sent.
 * @param closed Whether audits have proven that the gate breaks its promise, so that it decides nothing
 *   alone.
 */
export function decide(
  measured: MeasuredSignals | MeasurementFailure,
  gate: Gate | null,
  damaged: boolean,
  closed = false,
): Decision {
  const reasons: Reason[] = [];
  if (damaged) reasons.push('damaged_image');
  if (gate === null) reasons.push('uncalibrated');
  if (typeof measured === 'string') {
    reasons.push(measured === 'deadline' ? 'over_budget' : 'not_measurable');
  } else if (!Object.values(measured.signals).every(Number.isFinite)) {
    reasons.push('not_measurable');
  } else if (gate !== null) {
    for (const reason of reasonsAgainst(measured, gate)) reasons.push(reason);
    const { confidence_floor: floor } = gate;
    // Written so that a comparison with NaN or with nothing leads to review.
    if (floor !== null && !((measured.signals.confidence ?? NaN) >= floor)) reasons.push('unconfident');
    if (!isFamiliar(gate, measured.familiar)) reasons.push('unfamiliar');
  }
  if (closed) reasons.push('promise_broken');
  return { decision: reasons.length === 0 ? 'auto' : 'review', reasons };
}

/** By the gate's signal, and by the sensitivity, whatever the signal is. */
function reasonsAgainst({ signals, verdict }: MeasuredSignals, gate: Gate): readonly Reason[] {
  const { signal, threshold, sensitivity_limit: limit, measurement } = gate;
  if (signal === 'sensitivity') return reasonsOf(verdict);
  const against = new Set(limit === null ? [] : reasonsOf(verdict));
  const score = stagedScore(signal, measurement, signals);
  if (Number.isNaN(score)) against.add('not_measurable');
  else if (!(score <= reviewScore(signal, threshold))) against.add('sensitive');
  return [...against];
}

function reasonsOf(verdict: Verdict | null): readonly Reason[] {
  switch (verdict) {
    case 'below':
      return [];
    case 'above':
      return ['sensitive'];
    case 'undecided':
      return ['over_budget'];
    case null:
      return ['not_measurable'];
  }
}
