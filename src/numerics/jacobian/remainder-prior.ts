import { fitLine } from '../regression/line.ts';
import { LEAST_POINTS } from './prior.ts';
import type { LogNormal, Posterior } from './posterior.ts';

/**
 * What calibration has learned of the remainder: the part of ‖J‖² that the steepest directions of the first
 * rounds leave.
 *
 * ln(remainder/captured) is normal, its mean linear in the logarithm of the ratio that S(p) alone lets
 * expect. The slope is 1 where the gradients of the logits are orthogonal and of equal length, less where
 * they are not.
 */
export interface RemainderPrior {
  readonly location: number;
  readonly slope: number;
  readonly deviation: number;
}

/** The prior of ln √remainder after a round that captured `captured` = Σ‖Jv‖². */
export function remainderPriorFor(
  { location, slope, deviation }: RemainderPrior,
  captured: number,
  expectedRatio: number,
): LogNormal {
  return {
    mean: 0.5 * (Math.log(captured) + location + slope * Math.log(expectedRatio)),
    deviation: 0.5 * deviation,
  };
}

/** One calibration image after one round. */
export interface RemainderPoint {
  readonly captured: number;
  readonly expectedRatio: number;
  /** ‖J‖² − captured, as further directions give it. */
  readonly remainder: number;
}

/**
 * Share of residuals that the fitted normal's central interval must cover, and the normal quantile of (1 +
 * share)/2.
 */
const COVERED = 0.998;
const COVERED_DEVIATIONS = 3.0902;
const LEAST_DEVIATION = 0.05;

/**
 * Least squares of ln(remainder/captured) on ln(expected ratio), and a deviation that covers the residuals
 * above the line as the normal would. Below the line they may reach further, since a remainder that is
 * smaller than said errs towards review.
 *
 * @throws RangeError with fewer than 50 points
 */
export function fitRemainderPrior(points: readonly RemainderPoint[]): RemainderPrior {
  const usable = points.filter(
    ({ captured, expectedRatio, remainder }) => captured > 0 && expectedRatio > 0 && remainder > 0,
  );
  const n = usable.length;
  if (n < LEAST_POINTS)
    throw new RangeError(`expected at least ${LEAST_POINTS} images with a remainder of ‖J‖², got ${n}`);
  const line = fitLine(
    usable.map(({ expectedRatio }) => Math.log(expectedRatio)),
    usable.map(({ captured, remainder }) => Math.log(remainder / captured)),
  );
  const residuals = line.residuals.toSorted((a, b) => a - b);
  return {
    location: line.intercept,
    slope: line.slope,
    deviation: Math.max(
      LEAST_DEVIATION,
      Math.sqrt(line.variance),
      residuals[Math.ceil(((1 + COVERED) / 2) * n) - 1]! / COVERED_DEVIATIONS,
    ),
  };
}

/**
 * The posterior of ‖J‖ = √(captured + r²): the captured part is measured, of r, the remainder's root, there
 * is a posterior.
 */
export function withCaptured(captured: number, remainder: Posterior): Posterior {
  if (captured === 0) return remainder;
  return {
    median: Math.sqrt(captured + remainder.median ** 2),
    interval: (confidence) => {
      const [low, high] = remainder.interval(confidence);
      return [Math.sqrt(captured + low ** 2), Math.sqrt(captured + high ** 2)];
    },
  };
}

/** The posterior of ‖J‖ where nothing is known of the remainder: the captured part or more. */
export function atLeast(captured: number): Posterior {
  return {
    median: Math.sqrt(captured),
    interval: () => [Math.sqrt(captured), Infinity],
  };
}
