import type { Estimate } from '../engine/job.ts';
import { DEFAULT_PLAN, GATED_ERROR, GATED_LOOKS, type MeasurementPlan } from '../gate/gate.ts';
import { fitPrior } from '../numerics/prior.ts';
import { fitRestPrior, type RestPrior } from '../numerics/rest.ts';
import { softmaxJacobianNorm } from '../numerics/softmax.ts';
import type { Course } from './measure.ts';

/** Steepest directions before the first random one, and what is said of the rest before it is learned. */
const STEEPEST_ROUNDS = 3;
/** ‖J v‖ is as large along it as along a random direction of √D times the length, so rounding asks for no longer one. */
const STEEPEST_STEP = 1e-3;
const UNLEARNED: RestPrior = { location: 0, slope: 1, deviation: 1 };

/**
 * Random directions by which calibration knows an image's norm. Of the few percent that steepest directions leave eight tell enough;
 * without gradients 32 have a relative SD of √(1/64) = 12%.
 */
const DIRECTIONS = { besideSteepest: 8, alone: 32 };

/** One direction, to see whether the model has gradients. */
export const TRIAL_COURSE: Course = wholeCourse(1);

/** How calibration measures: the whole budget for every image, nothing known beforehand. */
export function learningCourse(trial: Estimate): Course {
  return wholeCourse(trial.rounds.length > 0 ? DIRECTIONS.besideSteepest : DIRECTIONS.alone);
}

function wholeCourse(directions: number): Course {
  const rest = Array<RestPrior>(STEEPEST_ROUNDS).fill(UNLEARNED);
  const steepest = { step: STEEPEST_STEP, rest };
  return { plan: { ...DEFAULT_PLAN, looks: [directions], steepest }, threshold: null };
}

/**
 * What images measured by the learning course tell of others before they are measured: the plan by which a gate measures.
 *
 * @throws RangeError with fewer than 100 images that have a sensitivity
 */
export function learnPlan(measured: readonly Estimate[]): MeasurementPlan {
  const prior = fitPrior(
    measured.map(({ probabilities, sensitivity }) => ({
      softmaxNorm: softmaxJacobianNorm(probabilities),
      norm: sensitivity,
    })),
  );
  const rounds = Math.max(...measured.map((one) => one.rounds.length));
  const rest = Array.from({ length: rounds }, (_, round) =>
    fitRestPrior(
      measured
        .filter((one) => one.rounds.length > round)
        .map((one) => {
          const { captured, spread } = one.rounds[round]!;
          return { captured, spread, rest: one.sensitivity ** 2 - captured };
        }),
    ),
  );
  return {
    ...DEFAULT_PLAN,
    looks: [...GATED_LOOKS],
    error: GATED_ERROR,
    prior,
    steepest: rounds > 0 ? { step: STEEPEST_STEP, rest } : null,
  };
}
