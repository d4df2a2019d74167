import betaCdf from '@stdlib/stats-base-dists-beta-cdf';
import { largest } from '../extremes.ts';

/** Errors among trials that each speak for `weight` inputs; the unit of weights does not matter. */
export interface WeightedCount {
  readonly errors: number;
  readonly trials: number;
  readonly weight: number;
}

/** Halvings of [0, 1]: far below what any count can tell. */
const HALVINGS = 40;

/**
 * Two-sided mid-p interval of an error rate: it misses the rate with probability `miss` on average over
 * rates, where an exact interval must miss it at most so often at every rate, and so misses less nearly
 * everywhere.
 *
 * Of one weight it is Lancaster's (1961): a bound counts half of the probability of just as many errors as
 * were seen. As a distribution of the rate it is the even mixture of Beta(e, n − e + 1), whose quantile is
 * the exact lower bound, and Beta(e + 1, n − e), that of the upper one.
 *
 * Of several weights it is the mid-p form of Fay and Feuer (1997), by Fay and Kim (2017), with beta in the
 * place of gamma: e and n become those of a binomial count with the mean and the variance of the weighted
 * sum, and of the same sum with one more error of the largest weight.
 *
 * @returns [0, 1] of no trials.
 * @throws RangeError unless each has 0 ≤ errors ≤ trials and a positive weight
 * @see Berry & Armitage (1995), The Statistician 44(4); Fay & Kim (2017), Biometrical Journal 59(3).
 */
export function midPInterval(counts: readonly WeightedCount[], miss: number): readonly [number, number] {
  for (const count of counts) requireCount(count);
  if (!(miss > 0 && miss < 1)) throw new RangeError(`expected 0 < miss < 1, got ${miss}`);
  const tried = counts.filter(({ trials }) => trials > 0);
  if (tried.length === 0) return [0, 1];
  const inputs = tried.reduce((sum, { trials, weight }) => sum + trials * weight, 0);
  const shares = tried.map(({ errors, weight }) => ({ errors, share: weight / inputs }));
  const rate = shares.reduce((sum, { errors, share }) => sum + errors * share, 0);
  const variance = shares.reduce((sum, { errors, share }) => sum + errors * share ** 2, 0);
  const largestShare = largest(shares.map(({ share }) => share));

  const below = rateDistribution(rate, variance);
  const above = rateDistribution(rate + largestShare, variance + largestShare ** 2);
  const quantile = (probability: number): number => {
    let [low, high] = [0, 1];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if ((below(middle) + above(middle)) / 2 < probability) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  const none = shares.every(({ errors }) => errors === 0);
  const all = tried.every(({ errors, trials }) => errors === trials);
  return [none ? 0 : quantile(miss / 2), all ? 1 : quantile(1 - miss / 2)];
}

/**
 * Distribution function of Beta(e, n − e + 1), where e errors of n have this weighted sum and this variance
 * of it; the certain 0 or 1 where a parameter vanishes.
 */
function rateDistribution(sum: number, variance: number): (rate: number) => number {
  if (sum === 0) return () => 1;
  const errors = sum ** 2 / variance;
  const right = sum / variance - errors + 1;
  return right <= 1e-9 * errors ? () => 0 : (rate) => betaCdf(rate, errors, right);
}

function requireCount({ errors, trials, weight }: WeightedCount): void {
  const whole = Number.isInteger(errors) && Number.isInteger(trials);
  if (!whole || errors < 0 || errors > trials || !(weight > 0 && weight < Infinity)) {
    throw new RangeError(
      'expected whole numbers 0 ≤ errors ≤ trials and a positive weight, ' +
        `got ${errors} of ${trials}, weight ${weight}`,
    );
  }
}
