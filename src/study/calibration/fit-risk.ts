import type { MeasuredInput } from '../../gate/signals/measured-input.ts';
import { riskFeatures, type RiskModel } from '../../gate/signals/risk-model.ts';
import { smallest } from '../../numerics/extremes.ts';
import { fitLogistic, type Logistic, predictLogistic } from '../../numerics/regression/logistic.ts';

/**
 * What the answer alone tells, whose coefficient has a standard normal prior: with nothing else, risk ranks
 * as the confidence does.
 */
const FIRST = 'log_odds';
const FIRST_RIDGE = 1;

/**
 * Ridges of all other coefficients that are tried, from a standard normal prior on; with the last they are
 * next to nothing.
 */
const RIDGES = [1, 3, 10, 30, 100, 300, 1000, 1e6] as const;
const FOLDS = 5;

/**
 * Fits the model to labelled images.
 *
 * How far other features may add to the log-odds is chosen by cross-validation of the log-likelihood: many
 * errors can tell what a dozen features are worth, ten cannot.
 *
 * @throws LogisticError where it cannot, as where no label is wrong
 * @throws RangeError where an image lacks a feature
 */
export function fitRisk(inputs: readonly MeasuredInput[], wrong: readonly boolean[]): RiskModel {
  const rows = inputs.map((input, i) => {
    const features = riskFeatures(input);
    if (features === null) {
      throw new RangeError(`expected every feature of image ${i}: log sensitivity and transformed copies`);
    }
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
 * The largest ridge whose models tell as much of examples they have not seen as the best ridge's do, within
 * one standard error of the difference (Hastie, Tibshirani & Friedman 2009, 7.10); the largest of all where
 * there are too few of a kind to tell.
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
  const best = losses[totals.indexOf(smallest(totals))]!;
  const place = losses.findLastIndex((each) => {
    const excess = each.map((loss, i) => loss - best[i]!);
    const mean = excess.reduce((sum, one) => sum + one, 0) / excess.length;
    const squares = excess.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    return mean * excess.length <= Math.sqrt(squares);
  });
  return RIDGES[place]!;
}
