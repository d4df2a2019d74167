import type { Measurement } from '../../numerics/jacobian/measurement.ts';
import type { TransformMeasurement } from '../../numerics/jacobian/transform-sensitivity.ts';

/**
 * One measured input, as the engine gives it: what its probes tell, and its transformed copies where they
 * were measured.
 */
export interface MeasuredInput extends Measurement {
  readonly transforms: TransformMeasurement | null;
}
