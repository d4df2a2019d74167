import betaCdf from '@stdlib/stats-base-dists-beta-cdf';
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';

/**
 * What is to be proven of an error rate: that it is at most `risk`, in a way that is wrong with probability
 * at most `delta`.
 */
export interface RiskTarget {
  /** r*, in (0, 1). */
  readonly risk: number;
  /** δ, in (0, 1). */
  readonly delta: number;
}

/**
 * P(Bin(trials, rate) ≤ errors) = I_{1−rate}(trials − errors, errors + 1): the p-value of "the error rate is
 * above `rate`".
 *
 * Of nothing tried nothing is known: 1 for no trials.
 */
export function binomialTail(errors: number, trials: number, rate: number): number {
  requireCounts(errors, trials);
  return errors === trials ? 1 : betaCdf(1 - rate, trials - errors, errors + 1);
}

/**
 * Exact one-sided upper bound of an error rate: B(e, n, δ) = Beta⁻¹(1 − δ; e + 1, n − e), the rate at which
 * as few errors as these have probability δ. 1 where every trial was an error, or none was made.
 *
 * @param delta Probability that the rate lies above, in (0, 1).
 * @see Clopper & Pearson (1934), Biometrika 26(4).
 */
export function upperBound(errors: number, trials: number, delta: number): number {
  requireCounts(errors, trials);
  requireProbability('delta', delta);
  return errors === trials ? 1 : betaQuantile(1 - delta, errors + 1, trials - errors);
}

/**
 * Exact one-sided lower bound: Beta⁻¹(δ; e, n − e + 1), the rate at which as many errors as these have
 * probability δ. 0 where there was no error.
 *
 * @param delta Probability that the rate lies below, in (0, 1).
 */
export function lowerBound(errors: number, trials: number, delta: number): number {
  requireCounts(errors, trials);
  requireProbability('delta', delta);
  return errors === 0 ? 0 : betaQuantile(delta, errors, trials - errors + 1);
}

/** Exact two-sided interval that misses the rate with probability at most `miss`, half on each side. */
export function clopperPearson(errors: number, trials: number, miss: number): readonly [number, number] {
  return [lowerBound(errors, trials, miss / 2), upperBound(errors, trials, miss / 2)];
}

/**
 * Trials without one error that it takes at least to prove `target`: ⌈ln δ / ln(1 − r*)⌉, 59 for 5% at 5%,
 * 299 for 1%.
 */
export function zeroErrorMinimum(target: RiskTarget): number {
  requireTarget(target);
  return Math.ceil(Math.log(target.delta) / Math.log1p(-target.risk));
}

/** Most errors among `trials` that still prove `target`; −1 where not even none would. */
export function acceptableErrors(trials: number, target: RiskTarget): number {
  requireTarget(target);
  let proven = -1;
  let unproven = trials;
  while (unproven - proven > 1) {
    const errors = (proven + unproven) >> 1;
    if (binomialTail(errors, trials, target.risk) <= target.delta) proven = errors;
    else unproven = errors;
  }
  return proven;
}

/** @throws RangeError unless both lie in (0, 1) */
export function requireTarget({ risk, delta }: RiskTarget): void {
  requireProbability('risk', risk);
  requireProbability('delta', delta);
}

function requireProbability(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`expected 0 < ${name} < 1, got ${value}`);
}

function requireCounts(errors: number, trials: number): void {
  if (!(Number.isInteger(errors) && Number.isInteger(trials) && errors >= 0 && errors <= trials)) {
    throw new RangeError(`expected whole numbers 0 ≤ errors ≤ trials, got ${errors} of ${trials}`);
  }
}
