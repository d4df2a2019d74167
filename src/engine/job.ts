import {
  asksCopies,
  type CopyConfidences,
  type CopyPlan,
  measureCopies,
} from '../numerics/jacobian/copies.ts';
import { type ImageStatistics, imageStatistics } from '../numerics/familiarity/image-statistics.ts';
import { exactSensitivity } from '../numerics/jacobian/exact.ts';
import type { ImageShape } from '../numerics/jacobian/image-shape.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { MeasurementSteps } from '../numerics/jacobian/measurement-steps.ts';
import type { Input } from '../numerics/jacobian/probes.ts';
import { createUniform } from '../numerics/random.ts';
import { mapSensitivity, type SensitivityMap } from '../numerics/jacobian/sensitivity-map.ts';
import {
  measureSequentially,
  type SequentialPlan,
  type Thresholds,
} from '../numerics/jacobian/sequential.ts';
import { measureTransforms, type TransformMeasurement } from '../numerics/jacobian/transform-sensitivity.ts';
import type { Transform } from '../numerics/jacobian/transforms.ts';

/** What to measure of one input. `seed` fixes its random directions. */
export type Job =
  | {
      readonly kind: 'estimate';
      readonly seed: Uint32Array;
      /** Null to spend the plan's whole budget and give no verdict. */
      readonly threshold: Thresholds | null;
      readonly plan: SequentialPlan;
      /** Also measured, after the probes; null for none. */
      readonly transforms: readonly Transform[] | null;
      /** Whether statistics of the picture are taken too, which needs no pass. */
      readonly statistics: boolean;
      /** Also measured, of pictures whose own answer leaves it open; null for none. */
      readonly copies: CopyPlan | null;
    }
  | { readonly kind: 'exact' }
  | { readonly kind: 'map'; readonly seed: Uint32Array; readonly block: number };

export interface Estimate extends Measurement {
  readonly transforms: TransformMeasurement | null;
  /** Null where none was asked for, or the picture's own answer asked for none. */
  readonly copies: CopyConfidences | null;
  /** Null where they were not asked for. */
  readonly statistics: ImageStatistics | null;
}

export type JobResult<J extends Job = Job> = J extends { kind: 'map' }
  ? SensitivityMap
  : J extends { kind: 'estimate' }
    ? Estimate
    : Measurement;

/**
 * Begins the measurement that `job` asks for.
 *
 * @param intensities Of the picture, 0 to 1, in the order of the input.
 * @param hasGradients Without them a plan's steepest directions are left out: the random ones know as much,
 * only later.
 */
export function beginJob(
  job: Job,
  input: Input,
  shape: ImageShape,
  hasGradients: boolean,
  intensities: () => Float32Array,
): MeasurementSteps<Measurement | SensitivityMap> {
  switch (job.kind) {
    case 'estimate':
      return estimate(
        hasGradients ? job : { ...job, plan: { ...job.plan, steepest: null } },
        input,
        shape,
        job.statistics ? imageStatistics(intensities(), shape) : null,
      );
    case 'exact':
      return withoutCoordinates(input);
    case 'map':
      return mapSensitivity(input, shape, job.block, createUniform(job.seed));
  }
}

/** Bulk jobs ask for hundreds of rows; others go before them. */
export function isBulk(job: Job): boolean {
  return job.kind !== 'estimate';
}

function* estimate(
  job: Job & { kind: 'estimate' },
  input: Input,
  shape: ImageShape,
  statistics: ImageStatistics | null,
): MeasurementSteps<Estimate> {
  const measurement = yield* measureSequentially(input, job.threshold, job.plan, job.seed);
  const { probabilities, predicted, passes } = measurement;
  const transforms =
    job.transforms && (yield* measureTransforms(input, shape, job.transforms, probabilities, predicted));
  const names =
    job.copies !== null && asksCopies(job.copies, probabilities[predicted]!) ? job.copies.names : [];
  const copies =
    names.length === 0 ? null : yield* measureCopies(input, shape, names, probabilities.length, predicted);
  const further = (transforms?.passes ?? 0) + names.length;
  return { ...measurement, passes: passes + further, transforms, copies, statistics };
}

/** The exact measurement without its D squares, which nobody across the process boundary reads. */
function* withoutCoordinates(input: Input): MeasurementSteps<Measurement> {
  const { coordinateSquares, ...measurement } = yield* exactSensitivity(input);
  return { ...measurement, probes: coordinateSquares.length };
}
