import type { Measurement } from '../numerics/jacobian/measurement.ts';
import { fitLogistic, type Logistic, predictLogistic } from '../numerics/regression/logistic.ts';
import type { TransformMeasurement } from '../numerics/jacobian/transform-sensitivity.ts';

/**
 * `risk`: a calibrated estimate of P(the label is wrong), a logistic regression on what one measurement tells.
 *
 * Its features are the confidence and its log-odds, logarithms of the norms, and how the answer fares on transformed copies, each transformation by
 * itself: which of them a model minds is a property of the model. Agreements themselves carry over to shifted images better than
 * their logarithms; chosen by calibration images alone (docs/research/validation.md).
 */
export interface RiskModel extends Omit<Logistic, 'iterations'> {
  readonly features: readonly string[];
}

/** What risk is estimated from. */
export interface RiskInput {
  readonly measurement: Measurement;
  readonly transforms: TransformMeasurement;
}

/** Keeps logarithms of what may be zero finite; far below what tells one input from another. */
const LEAST = 1e-6;

/** The same for what is left of an answer that is nearly certain. */
const LEAST_DOUBT = 1e-12;

/** What the answer alone tells, whose coefficient has a standard normal prior: with nothing else, risk ranks as the confidence does. */
const FIRST = 'log_odds';
const FIRST_RIDGE = 1;

/** Ridges of all other coefficients that are tried, from a standard normal prior on; with the last they are next to nothing. */
const RIDGES = [1, 3, 10, 30, 100, 300, 1000, 1e6] as const;
const FOLDS = 5;

/** The features by name; null where the measurement lacks one. */
export function riskFeatures({
  measurement,
  transforms,
}: RiskInput): Readonly<Record<string, number>> | null {
  const { probabilities, predicted, sensitivity, logSensitivity } = measurement;
  if (logSensitivity === null) return null;
  return {
    log_odds: logOdds(probabilities, predicted),
    confidence: probabilities[predicted]!,
    log_sensitivity_of_probabilities: Math.log(LEAST + sensitivity),
    log_sensitivity_of_label: Math.log(LEAST + logSensitivity),
    transform_sensitivity: transforms.sensitivity,
    ...Object.fromEntries(transforms.each.map(({ name, agreement }) => [`agreement_${name}`, agreement])),
  };
}

/**
 * Fits the model to labelled images.
 *
 * How far other features may add to the log-odds is chosen by cross-validation of the log-likelihood: many errors can tell what a dozen
 * features are worth, ten cannot.
 *
 * @throws LogisticError where it cannot, as where no label is wrong
 * @throws RangeError where an image lacks a feature
 */
export function fitRisk(inputs: readonly RiskInput[], wrong: readonly boolean[]): RiskModel {
  const rows = inputs.map((input, i) => {
    const features = riskFeatures(input);
    if (features === null)
      throw new RangeError(`expected every feature of image ${i}, got no log sensitivity`);
    return features;
  });
  const names = Object.keys(rows[0] ?? {});
  const examples = rows.map((row, i) => ({ values: names.map((name) => row[name]!), wrong: wrong[i]! }));
  const fit = (some: readonly Example[], ridge: number): Logistic =>
    fitLogistic(
      {
        features: Float64Array.from(some.flatMap(({ values }) => values)),
        labels: some.map((one) => one.wrong),
      },
      names.map((name) => (name === FIRST ? FIRST_RIDGE : ridge)),
    );
  const { intercept, coefficients, means, deviations } = fit(examples, chooseRidge(examples, fit));
  return { features: names, intercept, coefficients, means, deviations };
}

interface Example {
  readonly values: readonly number[];
  readonly wrong: boolean;
}

/**
 * The largest ridge whose models tell as much of examples they have not seen as the best ridge's do, within one standard error of the
 * difference (Hastie, Tibshirani & Friedman 2009, 7.10); the largest of all where there are too few of a kind to tell.
 */
function chooseRidge(
  examples: readonly Example[],
  fit: (some: readonly Example[], ridge: number) => Logistic,
): number {
  // Each kind is dealt out by itself, so that every fold has its share of errors.
  const dealt = [true, false].flatMap((kind) => examples.filter((one) => one.wrong === kind));
  const kinds = examples.filter((one) => one.wrong).length;
  if (Math.min(kinds, examples.length - kinds) < FOLDS) return RIDGES.at(-1)!;
  const losses = RIDGES.map((ridge) => {
    const each = new Float64Array(dealt.length);
    for (let fold = 0; fold < FOLDS; fold++) {
      const model = fit(
        dealt.filter((_, i) => i % FOLDS !== fold),
        ridge,
      );
      for (let i = fold; i < dealt.length; i += FOLDS) {
        const p = predictLogistic(model, dealt[i]!.values);
        each[i] = -Math.log(Math.max(Number.MIN_VALUE, dealt[i]!.wrong ? p : 1 - p));
      }
    }
    return each;
  });
  const totals = losses.map((each) => each.reduce((sum, loss) => sum + loss, 0));
  const best = losses[totals.indexOf(Math.min(...totals))]!;
  const place = losses.findLastIndex((each) => {
    const excess = each.map((loss, i) => loss - best[i]!);
    const mean = excess.reduce((sum, one) => sum + one, 0) / excess.length;
    const squares = excess.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    return mean * excess.length <= Math.sqrt(squares);
  });
  return RIDGES[place]!;
}

/** The estimate for one input; NaN, which leads to review, where a feature is missing. */
export function riskOf(model: RiskModel, input: RiskInput): number {
  const features = riskFeatures(input);
  const values = model.features.map((name) => features?.[name] ?? NaN);
  return predictLogistic({ ...model, iterations: 0 }, values);
}

/** ln p/(1 − p) of the predicted class, 1 − p being the sum of the others, which keeps its digits where p rounds to 1. */
function logOdds(probabilities: Float64Array, predicted: number): number {
  let others = 0;
  for (let c = 0; c < probabilities.length; c++) if (c !== predicted) others += probabilities[c]!;
  return Math.log(probabilities[predicted]!) - Math.log(LEAST_DOUBT + others);
}
