import { type Logistic, predictLogistic } from '../../numerics/regression/logistic.ts';
import type { MeasuredInput } from './measured-input.ts';

/**
 * `risk`: a calibrated estimate of P(the label is wrong), a logistic regression on what one measurement
 * tells.
 *
 * Its features are the confidence and its log-odds, logarithms of the norms, and how the answer fares on
 * transformed copies, each transformation by itself: which of them a model minds is a property of the model.
 * Agreements themselves carry over to shifted images better than their logarithms; chosen by calibration
 * images alone (docs/research/validation.md).
 */
export interface RiskModel extends Omit<Logistic, 'iterations'> {
  readonly features: readonly string[];
}

/** Keeps logarithms of what may be zero finite; far below what tells one input from another. */
const LEAST = 1e-6;

/** The same for what is left of an answer that is nearly certain. */
const LEAST_DOUBT = 1e-12;

/** The features by name; null where the measurement lacks one. */
export function riskFeatures(measured: MeasuredInput): Readonly<Record<string, number>> | null {
  const { probabilities, predicted, sensitivity, logSensitivity, transforms } = measured;
  if (logSensitivity === null || transforms === null) return null;
  return {
    log_odds: logOdds(probabilities, predicted),
    confidence: probabilities[predicted]!,
    log_sensitivity_of_probabilities: Math.log(LEAST + sensitivity),
    log_sensitivity_of_label: Math.log(LEAST + logSensitivity),
    transform_sensitivity: transforms.sensitivity,
    ...Object.fromEntries(transforms.each.map(({ name, agreement }) => [`agreement_${name}`, agreement])),
  };
}

/** The estimate for one input; NaN, which leads to review, where a feature is missing. */
export function riskOf(model: RiskModel, measured: MeasuredInput): number {
  const features = riskFeatures(measured);
  const values = model.features.map((name) => features?.[name] ?? NaN);
  return predictLogistic({ ...model, iterations: 0 }, values);
}

/**
 * ln p/(1 − p) of the predicted class. 1 − p is the sum of the others, which keeps its digits where p rounds
 * to 1.
 */
function logOdds(probabilities: Float64Array, predicted: number): number {
  let others = 0;
  for (let c = 0; c < probabilities.length; c++) if (c !== predicted) others += probabilities[c]!;
  return Math.log(probabilities[predicted]!) - Math.log(LEAST_DOUBT + others);
}
