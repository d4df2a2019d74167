import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { TransformMeasurement } from '../numerics/jacobian/transform-sensitivity.ts';
import { type RiskModel, riskOf } from './risk.ts';

/** Numbers by which inputs can be ranked for review. */
export const SIGNALS = [
  'sensitivity',
  'log_sensitivity',
  'transform_sensitivity',
  'agreement',
  'confidence',
  'margin',
  'entropy',
  'risk',
] as const;

export type Signal = (typeof SIGNALS)[number];

/** Those that were measured. */
export type Signals = Readonly<Partial<Record<Signal, number>>>;

/** Signals of which a high value speaks for the answer, not against it. */
const HIGH_IS_SAFE: ReadonlySet<Signal> = new Set(['agreement', 'confidence', 'margin']);

/**
 * The signals of one measured input. Entropy is in nats.
 *
 * @param risk Null where the gate has no model of it.
 */
export function signalsOf(
  measurement: Measurement,
  transforms: TransformMeasurement | null,
  risk: RiskModel | null = null,
): Signals {
  const { probabilities, sensitivity, logSensitivity } = measurement;
  let first = 0;
  let second = 0;
  let entropy = 0;
  for (const p of probabilities) {
    if (p > first) {
      second = first;
      first = p;
    } else if (p > second) {
      second = p;
    }
    if (p > 0) entropy -= p * Math.log(p);
  }
  return {
    sensitivity,
    ...(logSensitivity === null ? {} : { log_sensitivity: logSensitivity }),
    ...(transforms && { transform_sensitivity: transforms.sensitivity, agreement: transforms.agreement }),
    confidence: first,
    margin: first - second,
    entropy,
    ...(risk && transforms && { risk: riskOf(risk, { measurement, transforms }) }),
  };
}

/** The signal turned so that more means more reason to ask a person. */
export function reviewScore(signal: Signal, value: number): number {
  return HIGH_IS_SAFE.has(signal) ? -value : value;
}
