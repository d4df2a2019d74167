import { createHash } from 'node:crypto';
import type { Engine } from '../engine/engine.ts';
import type { Outcome } from '../engine/outcome.ts';
import type { Estimate } from '../engine/job.ts';
import type { Gate } from '../gate/gate.ts';
import { DEFAULT_PLAN, type MeasurementPlan } from '../gate/measurement-plan.ts';
import type { InputTensor, Pixels } from '../model/preprocess.ts';
import type { Thresholds } from '../numerics/jacobian/sequential.ts';
import type { Transform } from '../numerics/jacobian/transforms.ts';

/** SHA-256 of the decoded pixels, hex: equal for equal images, whatever file they came in. */
export function hashPixels(pixels: Uint8Array): string {
  return createHash('sha256').update(pixels).digest('hex');
}

/** Four words that seed the directions of this input under this model, and no other. */
export function seedOf(inputHash: string, modelDigest: string): Uint32Array {
  const digest = createHash('sha256').update(inputHash).update(modelDigest).digest();
  const words = Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(4 * i));
  // xoshiro's one forbidden state; a hash hits it once in 2^128.
  words[0] = words[0]! | 1;
  return words;
}

/**
 * How an input is measured: a plan, and the threshold that it is to decide on, or two; null to spend the
 * whole budget.
 */
export interface Procedure {
  readonly plan: MeasurementPlan;
  readonly threshold: Thresholds | null;
}

/** As the gate decides; without one by the default plan. */
export function procedureOf(gate: Gate | null): Procedure {
  if (gate === null) return { plan: DEFAULT_PLAN, threshold: null };
  const { signal, threshold, sensitivity_limit: limit, measurement } = gate;
  return { plan: measurement, threshold: signal === 'sensitivity' ? threshold : limit };
}

/**
 * Measures decoded pixels, or a tensor that is no image's: what serving and calibrating both call, so that
 * both get the same score.
 *
 * @param transforms Measured where the plan has none of its own.
 */
export function measureInput(
  engine: Engine,
  data: Pixels | InputTensor,
  inputHash: string,
  modelDigest: string,
  { plan, threshold }: Procedure,
  deadlineMs: number | null,
  transforms: readonly Transform[] | null = null,
): Promise<Outcome<Estimate>> {
  const seed = seedOf(inputHash, modelDigest);
  return engine.measure(
    data,
    {
      kind: 'estimate',
      seed,
      threshold,
      plan,
      transforms: plan.transforms ?? transforms,
      copies: plan.copies,
      statistics: plan.statistics,
    },
    deadlineMs,
  );
}
