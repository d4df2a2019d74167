import type { Verdict } from '../numerics/jacobian/measurement.ts';
import type { Gate } from './gate.ts';
import { reviewScore, type SignalValues } from './signals/registry.ts';

export type MeasurementFailure = 'not_measurable' | 'engine_died' | 'deadline';

/** What the gate's own plan has measured of one input. */
export interface MeasuredSignals {
  readonly signals: SignalValues;
  /**
   * Of the sensitivity against the gate's threshold; null where the gate is on another signal, or there is
   * none.
   */
  readonly verdict: Verdict | null;
}

export interface Decision {
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly (
    'sensitive' | 'unconfident' | 'damaged_image' | 'over_budget' | 'not_measurable' | 'uncalibrated'
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
 */
export function decide(
  measured: MeasuredSignals | MeasurementFailure,
  gate: Gate | null,
  damaged: boolean,
): Decision {
  const reasons: Reason[] = [];
  if (damaged) reasons.push('damaged_image');
  if (gate === null) reasons.push('uncalibrated');
  if (typeof measured === 'string') {
    reasons.push(measured === 'deadline' ? 'over_budget' : 'not_measurable');
  } else if (!Object.values(measured.signals).every(Number.isFinite)) {
    reasons.push('not_measurable');
  } else if (gate !== null) {
    const against = reasonAgainst(measured, gate);
    if (against !== null) reasons.push(against);
    const { confidence_floor: floor } = gate;
    // Written so that a comparison with NaN or with nothing leads to review.
    if (floor !== null && !((measured.signals.confidence ?? NaN) >= floor)) reasons.push('unconfident');
  }
  return { decision: reasons.length === 0 ? 'auto' : 'review', reasons };
}

function reasonAgainst({ signals, verdict }: MeasuredSignals, { signal, threshold }: Gate): Reason | null {
  const value = signals[signal];
  if (value === undefined) return 'not_measurable';
  if (signal === 'sensitivity') {
    switch (verdict) {
      case 'below':
        return null;
      case 'above':
        return 'sensitive';
      case 'undecided':
        return 'over_budget';
      case null:
        return 'not_measurable';
    }
  }
  return reviewScore(signal, value) <= reviewScore(signal, threshold) ? null : 'sensitive';
}
