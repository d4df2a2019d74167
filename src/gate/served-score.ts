import { decisionThreshold } from '../numerics/jacobian/decision-bounds.ts';
import { softmaxJacobianNorm } from '../numerics/jacobian/softmax.ts';
import type { Gate } from './gate.ts';
import type { MeasurementPlan } from './measurement-plan.ts';
import type { MeasuredInput } from './signals/measured-input.ts';
import {
  needs,
  reviewScore,
  type SignalName,
  SIGNALS,
  signalsOf,
  type SignalValues,
} from './signals/registry.ts';
import type { RiskModel } from './signals/risk-model.ts';

/**
 * The number by which a gate on `signal` with this plan decides: it accepts what is at most its threshold.
 *
 * Of the sensitivity it is the least threshold at which the stopping rule decides for `auto`, whatever probes
 * it took. Of other signals it is their value, turned so that more means more reason for review. NaN, which
 * nothing accepts, where the signal was not measured.
 */
export function servedScore(
  signal: SignalName,
  plan: MeasurementPlan,
  measured: MeasuredInput,
  risk: RiskModel | null,
): number {
  if (signal === 'sensitivity') {
    const { probabilities, rounds, looks } = measured;
    return decisionThreshold(plan, { softmaxNorm: softmaxJacobianNorm(probabilities), rounds, looks });
  }
  return reviewScore(signal, SIGNALS[signal].of(measured, risk) ?? NaN);
}

/**
 * The signals of an input as the gate has them measured. Those that need the model of `risk` are left out
 * unless the gate is on one, so that the lack of a feature of the model is no reason for review.
 */
export function servedSignals(
  gate: Pick<Gate, 'signal' | 'risk'> | null,
  measured: MeasuredInput,
): SignalValues {
  return signalsOf(measured, gate && needs(gate.signal, 'risk_model') ? gate.risk : null);
}
