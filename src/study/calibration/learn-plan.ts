import type { Estimate } from '../../engine/job.ts';
import { DEFAULT_PLAN, type MeasurementPlan } from '../../gate/measurement-plan.ts';
import { needs, type SignalName } from '../../gate/signals/registry.ts';
import { largest } from '../../numerics/extremes.ts';
import type { CopyPlan } from '../../numerics/jacobian/copies.ts';
import { fitPrior } from '../../numerics/jacobian/prior.ts';
import { fitRemainderPrior, type RemainderPrior } from '../../numerics/jacobian/remainder-prior.ts';
import { softmaxJacobianNorm } from '../../numerics/jacobian/softmax.ts';
import type { Transform } from '../../numerics/jacobian/transforms.ts';
import type { Procedure } from '../../prediction/measure-input.ts';

/** Looks of a gate with a prior: at the prior alone, then at twice as many directions each time. */
const GATED_LOOKS = [0, 2, 4, 8, 16] as const;
/** δ of a gate with a prior: chosen by measurement, docs/decisions/0004. */
const GATED_ERROR = 0.02;

/**
 * Steepest directions before the first random one, and what is said of the remainder before it is learned.
 */
const STEEPEST_ROUNDS = 3;
/**
 * ‖J v‖ is as large along it as along a random direction of √D times the length, so rounding asks for no
 * longer one.
 */
const STEEPEST_STEP = 1e-3;
const UNLEARNED: RemainderPrior = { location: 0, slope: 1, deviation: 1 };

/**
 * Random directions by which calibration knows an image's norm: those of a gate beside steepest ones; without
 * gradients 32, of a relative SD of √(1/64) = 12%.
 */
const LOOKS = { besideSteepest: GATED_LOOKS.filter((look) => look > 0), alone: [1, 2, 4, 8, 16, 32] };
/** Where a signal other than the sensitivity decides, the sensitivity is only reported. */
const REPORTED = { besideSteepest: 2, alone: 8 };

/** One direction, to see whether the model has gradients. */
export const TRIAL_PROCEDURE: Procedure = wholeProcedure([1], STEEPEST_ROUNDS);

/** How calibration measures: the whole budget for every image, nothing known beforehand. */
export function learningProcedure(trial: Estimate, copied: Copied = NO_COPIES): Procedure {
  const looks = trial.rounds.length > 0 ? LOOKS.besideSteepest : LOOKS.alone;
  const { plan, threshold } = wholeProcedure(looks, STEEPEST_ROUNDS);
  return { plan: { ...plan, ...plainCopied(copied), statistics: true }, threshold };
}

function wholeProcedure(looks: readonly number[], rounds: number): Procedure {
  const steepest = { step: STEEPEST_STEP, rest: Array<RemainderPrior>(rounds).fill(UNLEARNED) };
  return { plan: { ...DEFAULT_PLAN, looks: [...looks], steepest }, threshold: null };
}

/**
 * What images measured by the learning procedure tell of others before they are measured: the plan by which a
 * gate on the sensitivity measures.
 *
 * @throws RangeError with fewer than 50 images that have a sensitivity
 */
export function learnPlan(measured: readonly Estimate[]): MeasurementPlan {
  const prior = fitPrior(
    measured.map(({ probabilities, sensitivity }) => ({
      softmaxNorm: softmaxJacobianNorm(probabilities),
      norm: sensitivity,
    })),
  );
  const rounds = Math.max(0, largest(measured.map((one) => one.rounds.length)));
  const rest = Array.from({ length: rounds }, (_, round) =>
    fitRemainderPrior(
      measured
        .filter((one) => one.rounds.length > round)
        .map((one) => {
          const { captured, expectedRatio } = one.rounds[round]!;
          return { captured, expectedRatio, remainder: one.sensitivity ** 2 - captured };
        }),
    ),
  );
  return {
    ...DEFAULT_PLAN,
    looks: rounds > 0 ? [...GATED_LOOKS] : [0, ...LOOKS.alone],
    error: GATED_ERROR,
    prior,
    steepest: rounds > 0 ? { step: STEEPEST_STEP, rest } : null,
  };
}

/** What a plan measures of copies of the picture. */
export interface Copied {
  /** For the signals that need the whole family of transformed copies; null to make none. */
  readonly transforms: readonly Transform[] | null;
  readonly copies: CopyPlan | null;
}

const NO_COPIES: Copied = { transforms: null, copies: null };

/**
 * The plan of a gate on `signal`: the learned one, by which the sensitivity is held against its limit,
 * whatever the signal. Where the signal wants a direction, the prior does not decide alone.
 */
export function servedPlan(learned: MeasurementPlan, signal: SignalName, copied: Copied): MeasurementPlan {
  const looks = needs(signal, 'direction') ? learned.looks.filter((look) => look > 0) : learned.looks;
  return { ...learned, looks, ...plainCopied(copied) };
}

function plainCopied({ transforms, copies }: Copied): Pick<MeasurementPlan, 'transforms' | 'copies'> {
  return {
    transforms: transforms?.map((transform) => ({ ...transform })) ?? null,
    copies: copies && { names: [...copies.names], between: copies.between },
  };
}

/**
 * A plan that measures all signals of every input: the whole of a short budget. The first steepest direction
 * is that of log p_ŷ itself, so that with it the log sensitivity is exact but for the upper bounds that its
 * gradient ignores (gradient/).
 */
export function shortPlan(trial: Estimate, copied: Copied): MeasurementPlan {
  const steep = trial.rounds.length > 0;
  const { plan } = wholeProcedure([steep ? REPORTED.besideSteepest : REPORTED.alone], 1);
  return {
    ...plan,
    steepest: steep ? plan.steepest : null,
    ...plainCopied(copied),
  };
}
