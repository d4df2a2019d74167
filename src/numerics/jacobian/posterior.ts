import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { normInterval } from './interval.ts';

/** What random directions have told of ‖J‖: the sum of ‖Jv‖² over k directions with E[vvᵀ] = I. */
export interface Evidence {
  readonly directions: number;
  readonly squares: number;
}

/** ln ‖J‖ is normal with this mean and standard deviation before any direction is looked at. */
export interface LogNormal {
  readonly mean: number;
  readonly deviation: number;
}

/** Points of the grid on which the posterior is summed, and how many deviations it reaches. */
const GRID = 241;
const REACH = 8;

/**
 * What is known of ‖J‖ after some directions: a distribution over ln ‖J‖.
 *
 * The likelihood is that of a Jacobian of rank one, Σ‖Jv‖²/‖J‖² ~ χ²_k, the worst case and the usual one of a
 * softmax. With a log-normal prior the posterior is summed on a grid; without one it is the χ² law itself,
 * and without a direction the prior.
 */
export interface Posterior {
  readonly median: number;
  /** Equal-tailed, of this confidence. */
  readonly interval: (confidence: number) => readonly [number, number];
}

/** @throws RangeError without a prior and without a direction: then nothing is known */
export function posterior(prior: LogNormal | null, evidence: Evidence): Posterior {
  if (prior === null) return fromEvidence(evidence);
  return evidence.directions === 0 ? fromPrior(prior) : onGrid(prior, evidence);
}

/**
 * What most inputs are decided by, and so in closed form: a grid costs as much as a tenth of a small
 * network's pass.
 */
function fromPrior({ mean, deviation }: LogNormal): Posterior {
  return {
    median: Math.exp(mean),
    interval: (confidence) => [
      Math.exp(normalQuantile((1 - confidence) / 2, mean, deviation)),
      Math.exp(normalQuantile((1 + confidence) / 2, mean, deviation)),
    ],
  };
}

function fromEvidence({ directions: k, squares }: Evidence): Posterior {
  if (k < 1) throw new RangeError('expected a prior or at least one direction');
  return {
    median: Math.sqrt(squares / k),
    interval: (confidence) => normInterval(squares / k, k, 1 - confidence),
  };
}

function onGrid({ mean, deviation }: LogNormal, { directions: k, squares }: Evidence): Posterior {
  // The mode lies between prior mean and evidence. Below both, the likelihood falls like exp(−k/2·e^2Δ),
  // above both like e^−kΔ.
  const seen = k > 0 && squares > 0 ? 0.5 * Math.log(squares / k) : mean;
  const reach = REACH * deviation;
  const low = Math.min(mean, seen) - (k > 0 && squares > 0 ? Math.min(reach, 3) : reach);
  const high = Math.max(mean, seen) + (k > 0 ? Math.min(reach, 40 / k) : reach);
  const width = (high - low) / (GRID - 1);
  const cumulative = new Float64Array(GRID);
  let largest = -Infinity;
  for (let i = 0; i < GRID; i++) {
    const u = low + i * width;
    const z = (u - mean) / deviation;
    const logDensity = -0.5 * z * z - k * u - 0.5 * squares * Math.exp(-2 * u);
    cumulative[i] = logDensity;
    if (logDensity > largest) largest = logDensity;
  }
  let total = 0;
  for (let i = 0; i < GRID; i++) {
    const weight = Math.exp(cumulative[i]! - largest);
    // Half of a point's weight lies below it.
    cumulative[i] = total + weight / 2;
    total += weight;
  }
  const quantile = (q: number): number => {
    const wanted = q * total;
    let i = 1;
    while (i < GRID - 1 && cumulative[i]! < wanted) i++;
    const part = (wanted - cumulative[i - 1]!) / (cumulative[i]! - cumulative[i - 1]!);
    return Math.exp(low + (i - 1 + Math.min(1, Math.max(0, part))) * width);
  };
  return {
    median: quantile(0.5),
    interval: (confidence) => [quantile((1 - confidence) / 2), quantile((1 + confidence) / 2)],
  };
}
