import { decisionThreshold } from '../numerics/jacobian/decision-bounds.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import { softmaxJacobianNorm } from '../numerics/jacobian/softmax.ts';
import type { TransformMeasurement } from '../numerics/jacobian/transform-sensitivity.ts';
import type { MeasurementPlan } from './gate.ts';
import type { RiskModel } from './risk.ts';
import { reviewScore, type Signal, signalsOf } from './signals.ts';

/** One measured input, as the engine gives it. */
export interface Measured extends Measurement {
  readonly transforms: TransformMeasurement | null;
}

/**
 * The number by which a gate on `signal` with this plan decides: it accepts what is at most its threshold.
 *
 * Of the sensitivity it is the least threshold at which the stopping rule decides for `auto`, whatever probes it took; of other
 * signals their value, turned so that more means more reason for review. NaN, which nothing accepts, where it was not measured.
 */
export function servedScore(
  signal: Signal,
  plan: MeasurementPlan,
  measured: Measured,
  risk: RiskModel | null,
): number {
  if (signal === 'sensitivity') {
    const { probabilities, rounds, looks } = measured;
    return decisionThreshold(plan, { softmaxNorm: softmaxJacobianNorm(probabilities), rounds, looks });
  }
  return reviewScore(signal, signalsOf(measured, measured.transforms, risk)[signal] ?? NaN);
}
