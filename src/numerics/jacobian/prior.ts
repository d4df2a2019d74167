import { fitLine } from '../regression/line.ts';
import type { LogNormal } from './posterior.ts';
import { largest, smallest } from '../extremes.ts';

/**
 * What calibration has learned of ‖J‖ before any direction is looked at: ln(‖J‖/‖S(p)‖) is normal, with a
 * mean that depends linearly on ln ‖S(p)‖.
 */
export interface Prior {
  /** ln(‖J‖/‖S(p)‖) at ln ‖S(p)‖ = 0, and its change per unit of ln ‖S(p)‖. */
  readonly intercept: number;
  readonly slope: number;
  readonly deviation: number;
  /** Least and largest ln ‖S(p)‖ that calibration saw; outside, nothing is known. */
  readonly support: readonly [number, number];
}

/** The prior of an input with this ‖S(p)‖; null where calibration saw none like it. */
export function priorFor(prior: Prior, softmaxNorm: number): LogNormal | null {
  const s = Math.log(softmaxNorm);
  const [least, largest] = prior.support;
  if (!(s >= least && s <= largest)) return null;
  return { mean: s + prior.intercept + prior.slope * s, deviation: prior.deviation };
}

/** One calibration image: ‖S(p)‖, and ‖J‖ as many directions give it. */
export interface PriorPoint {
  readonly softmaxNorm: number;
  readonly norm: number;
}

/** Fewer say too little about the spread: of 50 it is known to a tenth. */
export const LEAST_POINTS = 50;

/**
 * Share of residuals that the fitted normal's central interval must cover, so that its tails are not lighter
 * than the data's.
 */
const COVERED = 0.998;
/** The normal quantile of (1 + COVERED)/2. */
const COVERED_DEVIATIONS = 3.0902;

/**
 * Least squares of ln(‖J‖/‖S(p)‖) on ln ‖S(p)‖. The deviation is the residuals', or as much more as it takes
 * to cover 99.8% of them within the normal's 99.8% range.
 *
 * @throws RangeError with fewer than 50 points that have both norms above zero
 */
export function fitPrior(points: readonly PriorPoint[]): Prior {
  const usable = points.filter(
    ({ softmaxNorm, norm }) => softmaxNorm > 0 && norm > 0 && Number.isFinite(norm),
  );
  const n = usable.length;
  if (n < LEAST_POINTS)
    throw new RangeError(`expected at least ${LEAST_POINTS} calibration images with a sensitivity, got ${n}`);
  const s = usable.map(({ softmaxNorm }) => Math.log(softmaxNorm));
  const y = usable.map(({ softmaxNorm, norm }) => Math.log(norm / softmaxNorm));
  const { intercept, slope, residuals, variance } = fitLine(s, y);
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  const deviation = Math.max(Math.sqrt(variance), sizes[Math.ceil(COVERED * n) - 1]! / COVERED_DEVIATIONS);
  return { intercept, slope, deviation, support: [smallest(s), largest(s)] };
}
