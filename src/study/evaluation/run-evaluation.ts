import { join } from 'node:path';
import type { Dataset, DatasetProblem } from '../../dataset/dataset.ts';
import { openDataset } from '../../dataset/open.ts';
import { type Shift, SHIFT_NAMES, shiftDataset } from '../../dataset/shifts.ts';
import type { Engine } from '../../engine/engine.ts';
import { GateError } from '../../gate/gate-error.ts';
import type { Gate } from '../../gate/gate.ts';
import { readGate } from '../../gate/read-gate.ts';
import { reviewScore } from '../../gate/signals/registry.ts';
import { DEFAULT_MODEL_FOLDER } from '../../model/default-folder.ts';
import { loadModel, type Model } from '../../model/load.ts';
import { openDatasetEngine } from '../measuring/dataset-engine.ts';
import { hashDataset } from '../measuring/hash-dataset.ts';
import { drawGalleries } from '../report/galleries.ts';
import type { Gallery, Report } from '../report/report-content.ts';
import { evaluate } from './evaluate.ts';
import { type EvaluatedDataset, evaluateDataset, type EvaluateOptions } from './evaluate-dataset.ts';

/** What `evaluate --shift` takes: one way to shift the images, or all of them. */
export const EVALUATION_SHIFTS = [...SHIFT_NAMES, 'all'] as const;

const MAX_PIXELS = 50_000_000;

type OnProgress = (what: string) => (done: number, total: number) => void;

export interface EvaluationRun {
  /** Folder, table or IDX file of labelled images. */
  readonly data: string;
  readonly split: string | undefined;
  readonly labels: string | undefined;
  /** Folder; the shipped model where it is undefined. */
  readonly model: string | undefined;
  /** Gate file; the model's own where it is undefined, which may be missing. */
  readonly gate: string | undefined;
  /** Gate file whose model of the signal `risk` is evaluated. */
  readonly riskModel: string | undefined;
  /** As they are, where it is undefined. */
  readonly shift: Shift | 'all' | undefined;
  /** Images at most, spread evenly over the data. */
  readonly limit: number;
  readonly secondsPerLabel: number;
  /** Of each kind that a report shows; null for no galleries. */
  readonly pictures: number | null;
  readonly onProgress: OnProgress;
  /** The model has no gate, so that signals alone are compared. */
  readonly onNoGate: (message: string) => void;
  readonly version: string;
}

/** The images in one form, measured. */
interface Part extends EvaluatedDataset {
  readonly name: string;
  readonly dataset: Dataset;
}

/**
 * Measures the images that are named, in each form that is asked for, with an engine of its own.
 *
 * @throws DatasetError, ModelError, GateError, EngineError
 */
export async function runEvaluation(
  run: EvaluationRun,
): Promise<{ readonly report: Report; readonly galleries: readonly Gallery[] }> {
  const folder = run.model ?? DEFAULT_MODEL_FOLDER;
  const model = await loadModel(folder);
  const gate = await gateOf(run, folder, model);
  const risk = await riskModelOf(run, gate, model);
  const { split, labels, shift, onProgress, pictures } = run;
  const opened = await openDataset(run.data, model, { maxPixels: MAX_PIXELS, split, labels });
  const dataset = spread(opened, run.limit);
  const engine = await openDatasetEngine(model);
  try {
    const shifts = shift === 'all' ? [null, ...SHIFT_NAMES] : [shift ?? null];
    const parts: Part[] = [];
    for (const one of shifts) {
      const by = { gate, risk: risk ?? (parts.length === 0 ? 'cross_fit' : parts[0]!.crossFit) } as const;
      parts.push(await measurePart(engine, model, dataset, one, by, onProgress));
    }
    const report = reportOf(run, model, gate, dataset, parts);
    const galleries = pictures === null ? [] : await drawGalleries(engine, model, parts[0]!, pictures);
    return { report, galleries };
  } finally {
    engine.close();
  }
}

/** The gate that is named, or the model's own; null where the model has none. */
async function gateOf({ gate, onNoGate }: EvaluationRun, folder: string, model: Model): Promise<Gate | null> {
  try {
    return await readGate(gate ?? join(folder, 'gate.json'), model.digest);
  } catch (error) {
    const hasNone = error instanceof GateError && error.code === 'missing_gate';
    if (gate !== undefined || !hasNone) throw error;
    onNoGate(error.message);
    return null;
  }
}

/** The model of risk that is named, or the gate's; nothing where neither is there. */
async function riskModelOf({ riskModel }: EvaluationRun, gate: Gate | null, { digest }: Model) {
  if (riskModel === undefined) return gate?.risk ?? null;
  const { risk } = await readGate(riskModel, digest);
  if (risk !== null) return risk;
  throw new Error(
    `expected a model of risk in ${riskModel}, got none; make one by sensigate calibrate --signal risk`,
  );
}

/** At most `limit` of the images, evenly from the first to the last, since folders come class by class. */
function spread(dataset: Dataset, limit: number): Dataset {
  const { images } = dataset;
  if (images.length <= limit) return dataset;
  const count = Math.floor(limit);
  return {
    ...dataset,
    name: `${dataset.name}, ${count} of ${images.length}`,
    images: Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]!),
  };
}

async function measurePart(
  engine: Engine,
  model: Model,
  plain: Dataset,
  shift: Shift | null,
  by: Pick<EvaluateOptions, 'gate' | 'risk'>,
  onProgress: OnProgress,
): Promise<Part> {
  const name = shift ?? 'as they are';
  const dataset = shift === null ? plain : shiftDataset(plain, model.shape, shift);
  const onStep: OnProgress = (what) => onProgress(`${name}, ${what}`);
  const hashed = await hashDataset(dataset, {
    labels: model.manifest.labels,
    fewest: 0,
    keepDamaged: true,
    onProgress: onStep('reading'),
  });
  const measured = await evaluateDataset(engine, model, hashed, { ...by, onProgress: onStep });
  if (measured.images.length === 0) throw new Error(`${dataset.name}: none of its images can be evaluated`);
  return { ...measured, problems: [...hashed.problems, ...measured.problems], name, dataset };
}

/** The parts, and all shifts together where there are several. */
function withPooled(parts: readonly Part[]): readonly Pick<Part, 'name' | 'images'>[] {
  const shifted = parts.slice(1);
  if (shifted.length < 2) return parts;
  const name = `all ${shifted.length} shifts together`;
  return [...parts, { name, images: shifted.flatMap(({ images }) => images) }];
}

function reportOf(
  { secondsPerLabel, version }: EvaluationRun,
  model: Model,
  gate: Gate | null,
  dataset: Dataset,
  parts: readonly Part[],
): Report {
  const threshold = gate && reviewScore(gate.signal, gate.threshold);
  const problems: readonly DatasetProblem[] = parts.flatMap((part) => part.problems);
  return {
    tool: version,
    created: new Date().toISOString(),
    model: { name: model.manifest.name, digest: model.digest },
    labels: model.manifest.labels,
    data: dataset.name,
    gate: gate && {
      id: gate.id,
      signal: gate.signal,
      threshold: gate.threshold,
      confidence_floor: gate.confidence_floor,
    },
    risk_is_cross_fitted: parts[0]!.crossFit !== null,
    seconds_per_label: secondsPerLabel,
    parts: withPooled(parts).map(({ name, images }) => ({
      name,
      evaluation: evaluate(images, { classes: model.classes, threshold, secondsPerLabel }),
    })),
    problems,
  };
}
