import type { ImageStatistics } from '../../numerics/familiarity/image-statistics.ts';
import type { CopyConfidences } from '../../numerics/jacobian/copies.ts';
import type { Measurement } from '../../numerics/jacobian/measurement.ts';
import type { TransformMeasurement } from '../../numerics/jacobian/transform-sensitivity.ts';

/**
 * One measured input, as the engine gives it: what its probes tell, and its transformed copies where they
 * were measured.
 */
export interface MeasuredInput extends Measurement {
  readonly transforms: TransformMeasurement | null;
  /** Null where no copy was measured. */
  readonly copies: CopyConfidences | null;
  /** Null where none was taken. */
  readonly statistics: ImageStatistics | null;
}
