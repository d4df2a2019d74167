/**
 * Measures labelled images for an evaluation: each one as the gate in force would, and once more for all
 * other signals.
 */
import type { DatasetProblem } from '../../dataset/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import { breakTiesAtTop, type EvaluatedImage } from './evaluated-image.ts';
import { gateScore, signalScores } from './score-image.ts';
import type { Gate } from '../../gate/gate.ts';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import type { Model } from '../../model/load.ts';
import { type CrossFit, crossFitRisk } from '../calibration/cross-fit.ts';
import type { HashedDataset } from '../measuring/hash-dataset.ts';
import { everyCopy } from '../calibration/candidates.ts';
import { shortPlan, TRIAL_PROCEDURE } from '../calibration/learn-plan.ts';
import { measureDataset } from '../measuring/measure-dataset.ts';

export interface EvaluatedDataset {
  readonly images: readonly EvaluatedImage[];
  /** ‖∂p/∂x‖ of each image as it would be reported. */
  readonly sensitivities: readonly number[];
  /** With `cross_fit`, the models that were fitted; null where they could not be, and otherwise. */
  readonly crossFit: CrossFit | null;
  /** Of the images that could not be measured. */
  readonly problems: readonly DatasetProblem[];
}

export interface EvaluateOptions {
  /** Null to compare signals alone. */
  readonly gate: Gate | null;
  /**
   * The model of the signal `risk`; `cross_fit` to fit it on the other images of these; null to do without.
   */
  readonly risk: RiskModel | CrossFit | 'cross_fit' | null;
  readonly onProgress: (what: string) => (done: number, total: number) => void;
}

/**
 * Measures all images that can be measured. Those that cannot are sent to people by every gate, and ranked by
 * none; damaged ones are sent to people by every gate, and ranked.
 *
 * @throws EngineError
 */
export async function evaluateDataset(
  engine: Engine,
  model: Model,
  dataset: HashedDataset,
  { gate, risk, onProgress }: EvaluateOptions,
): Promise<EvaluatedDataset> {
  const trials = await measureDataset(engine, model, dataset.images.slice(0, 1), TRIAL_PROCEDURE);
  const [trial] = trials.images;
  if (trial === undefined)
    return { images: [], sensitivities: [], crossFit: null, problems: trials.problems };
  const short = await measureDataset(
    engine,
    model,
    dataset.images,
    { plan: shortPlan(trial.estimate, everyCopy(model)), threshold: null },
    { onProgress: onProgress('signals') },
  );
  // The whole budget tells what the gate would have decided at every threshold.
  const served =
    gate === null
      ? short
      : await measureDataset(
          engine,
          model,
          dataset.images,
          { plan: gate.measurement, threshold: null },
          { onProgress: onProgress('gate') },
        );
  const crossFit = risk === 'cross_fit' ? crossFitRisk(short.images) : null;
  const by = risk === 'cross_fit' ? crossFit : risk;
  const riskOf = (where: string): RiskModel | null => (typeof by === 'function' ? by(where) : by);
  const servedOf = new Map(served.images.map(({ hash, estimate }) => [hash, estimate]));
  const both = short.images.flatMap(({ where, hash, label, damaged, estimate }) => {
    const measured = servedOf.get(hash);
    if (measured === undefined) return [];
    return [{ where, label, estimate, measured, gate: gate && gateScore(gate, measured, damaged) }];
  });
  const sensitivities = both.map(({ measured }) => measured.sensitivity);
  const ranked =
    gate?.signal === 'sensitivity'
      ? breakTiesAtTop(
          both.map((image) => image.gate!.score),
          sensitivities,
        )
      : sensitivities;
  return {
    images: both.map(({ where, label, estimate, gate: of }, i) => ({
      where,
      label,
      predicted: estimate.predicted,
      scores: { ...signalScores(estimate, riskOf(where)), sensitivity: ranked[i]! },
      gate: of,
    })),
    sensitivities,
    crossFit,
    problems: served === short ? short.problems : [...short.problems, ...served.problems],
  };
}
