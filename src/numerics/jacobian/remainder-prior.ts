import { fitLine } from '../regression/line.ts';
import { LEAST_POINTS } from './prior.ts';
import type { LogNormal, Posterior } from './posterior.ts';

/**
 * What calibration has learned of the part of ‖J‖² that the steepest directions of the first rounds leave: ln(rest/captured) is normal, its
 * mean linear in ln(spread), `spread` as S(p) has it. The slope is 1 where the gradients of the logits are orthogonal and of equal length,
 * less where they are not.
 */
export interface RestPrior {
  readonly location: number;
  readonly slope: number;
  readonly deviation: number;
}

/** Of ln √rest, after a round that captured `captured` = Σ‖Jv‖². */
export function restPriorFor(
  { location, slope, deviation }: RestPrior,
  captured: number,
  spread: number,
): LogNormal {
  return {
    mean: 0.5 * (Math.log(captured) + location + slope * Math.log(spread)),
    deviation: 0.5 * deviation,
  };
}

/** One calibration image after one round. */
export interface RestPoint {
  readonly captured: number;
  readonly spread: number;
  /** ‖J‖² − captured, as further directions give it. */
  readonly rest: number;
}

/** Share of residuals that the fitted normal must hold, and the normal quantile of (1 + share)/2. */
const HELD = 0.998;
const HELD_DEVIATIONS = 3.0902;
const LEAST_DEVIATION = 0.05;

/**
 * Least squares of ln(rest/captured) on ln(spread), and the deviation that holds the residuals above the line as the normal would; below it
 * they may reach further, since a rest that is smaller than said errs towards review.
 *
 * @throws RangeError with fewer than 50 points
 */
export function fitRestPrior(points: readonly RestPoint[]): RestPrior {
  const usable = points.filter(({ captured, spread, rest }) => captured > 0 && spread > 0 && rest > 0);
  const n = usable.length;
  if (n < LEAST_POINTS)
    throw new RangeError(`expected at least ${LEAST_POINTS} images with a rest of ‖J‖², got ${n}`);
  const line = fitLine(
    usable.map(({ spread }) => Math.log(spread)),
    usable.map(({ captured, rest }) => Math.log(rest / captured)),
  );
  const above = line.residuals.toSorted((a, b) => a - b);
  return {
    location: line.intercept,
    slope: line.slope,
    deviation: Math.max(
      LEAST_DEVIATION,
      Math.sqrt(line.variance),
      above[Math.ceil(((1 + HELD) / 2) * n) - 1]! / HELD_DEVIATIONS,
    ),
  };
}

/** What is known of ‖J‖ = √(captured + rest²): the captured part is measured, of the rest there is a posterior. */
export function withCaptured(captured: number, rest: Posterior): Posterior {
  if (captured === 0) return rest;
  return {
    median: Math.sqrt(captured + rest.median ** 2),
    interval: (confidence) => {
      const [low, high] = rest.interval(confidence);
      return [Math.sqrt(captured + low ** 2), Math.sqrt(captured + high ** 2)];
    },
  };
}

/** Nothing is known of the rest: ‖J‖ is the captured part or more. */
export function atLeast(captured: number): Posterior {
  return {
    median: Math.sqrt(captured),
    interval: () => [Math.sqrt(captured), Infinity],
  };
}
