import type { Engine } from '../src/engine/engine.ts';
import type { Estimate } from '../src/engine/job.ts';
import type { GateFile } from '../src/gate/gate.ts';
import type { MeasurementPlan } from '../src/gate/measurement-plan.ts';
import type { Model } from '../src/model/load.ts';
import { learningProcedure, learnPlan, TRIAL_PROCEDURE } from '../src/study/calibration/learn-plan.ts';
import { type Procedure, hashPixels, measureInput } from '../src/prediction/measure-input.ts';
import { UNPROVEN } from '../support/unproven-gate.ts';
import { check, eachOpen, quantile } from './harness.ts';

const DEADLINE_MS = 600_000;

/** Measures all images, 64 at a time. */
export async function measureAll(
  engine: Engine,
  model: Model,
  images: readonly Uint8Array[],
  procedure: Procedure,
): Promise<Estimate[]> {
  const measured: Estimate[] = [];
  await eachOpen(images.length, 64, async (i) => {
    const pixels = images[i]!;
    const hash = hashPixels(pixels);
    const { result } = await measureInput(engine, pixels, hash, model.digest, procedure, DEADLINE_MS);
    check(result !== null, 'an input was not measured');
    measured[i] = result;
  });
  return measured;
}

/**
 * A plan learned from these images, and the threshold that lets about `coverage` of them through.
 *
 * @param changes To the plan, at calibration and afterwards.
 */
export async function procedureFor(
  engine: Engine,
  model: Model,
  images: readonly Uint8Array[],
  coverage: number,
  changes: Partial<Pick<MeasurementPlan, 'step' | 'difference'>> = {},
): Promise<Procedure & { readonly threshold: number }> {
  const [trial] = await measureAll(engine, model, images.slice(0, 1), TRIAL_PROCEDURE);
  const { plan, threshold } = learningProcedure(trial!);
  const learning = { plan: { ...plan, ...changes }, threshold };
  const measured = await measureAll(engine, model, images, learning);
  const norms = measured.map(({ sensitivity }) => sensitivity);
  return { plan: { ...learnPlan(measured), ...changes }, threshold: quantile(norms, coverage) };
}

/** A gate file that has the service decide by `procedure`. */
export function gateFile(model: Model, procedure: Procedure & { readonly threshold: number }): GateFile {
  return {
    format: 1,
    signal: 'sensitivity',
    threshold: procedure.threshold,
    confidence_floor: null,
    sensitivity_limit: null,
    familiarity: null,
    show_prediction: true,
    model: { name: model.manifest.name, digest: model.digest },
    measurement: procedure.plan,
    risk: null,
    calibration: UNPROVEN,
  };
}
