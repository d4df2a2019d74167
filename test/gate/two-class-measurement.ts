import type { Measurement } from '../../src/numerics/jacobian/measurement.ts';

/** Two classes, the first predicted with probability `p`; all else as told, or of no account. */
export function twoClassMeasurement(p: number, more: Partial<Measurement> = {}): Measurement {
  return {
    logits: Float32Array.of(Math.log(p), Math.log(1 - p)),
    probabilities: Float64Array.of(p, 1 - p),
    predicted: 0,
    sensitivity: 0.5,
    interval: null,
    confidence: 1,
    logSensitivity: 1,
    logitSensitivity: 1,
    verdict: null,
    method: 'estimate',
    probes: 1,
    passes: 4,
    rounds: [],
    looks: [],
    asymmetry: null,
    ...more,
  };
}
