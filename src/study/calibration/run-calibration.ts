import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../coded-error.ts';
import { openDataset } from '../../dataset/open.ts';
import { SIGNAL_NAMES, type SignalName } from '../../gate/signals/registry.ts';
import { DEFAULT_MODEL_FOLDER } from '../../model/default-folder.ts';
import { loadModel } from '../../model/load.ts';
import { LEAST_POINTS } from '../../numerics/jacobian/prior.ts';
import { openDatasetEngine } from '../measuring/dataset-engine.ts';
import { hashDataset } from '../measuring/hash-dataset.ts';
import { calibrate, type Calibrated } from './calibrate.ts';
import type { Goal } from './choose-rule.ts';

/** What `calibrate --signal` takes: one of the signals, or the one that lets most fit images through. */
export const CALIBRATION_SIGNALS = [...SIGNAL_NAMES, 'best'] as const;

const MAX_PIXELS = 50_000_000;
/** A label with fewer images is named in the report. */
const FEWEST = 20;
/** Halves are the same in every run, so that a run that goes on meets its own measurements. */
const SALT = 'sensigate calibrate';

export interface CalibrationRun {
  /** Folder, table or IDX file of labelled images. */
  readonly data: string;
  readonly split: string | undefined;
  readonly labels: string | undefined;
  /** Folder; the shipped model where it is undefined. */
  readonly model: string | undefined;
  readonly signal: SignalName | 'best';
  readonly goal: Goal;
  /** Share of the automatic fit images whose sensitivity is within the gate's limit; 1 for no limit. */
  readonly veto: number;
  /** Share of the fit images that may be sent to people as unfamiliar; 0 to ask nothing of familiarity. */
  readonly unfamiliar: number;
  /**
   * Folder of measurements, from which a run that was interrupted goes on; one of the system's where it is
   * undefined.
   */
  readonly work: string | undefined;
  readonly onProgress: (what: string) => (done: number, total: number) => void;
  readonly tool: string;
}

/** Half of the images fit, and fewer of those say too little of the spread of sensitivities. */
const LEAST_IMAGES = 2 * LEAST_POINTS;

/** There are too few different images to calibrate at all, whatever is promised. */
export class TooFewImagesError extends CodedError<'too_few_images'> {
  override readonly name = 'TooFewImagesError';

  constructor(images: number) {
    super(
      'too_few_images',
      `expected at least ${LEAST_IMAGES} different labelled images, got ${images}: half of them fit, half prove. ` +
        'No gate is written.',
    );
  }
}

/** The gate file of a model, where no other is named. */
export function gateFileOf(model: string | undefined): string {
  return join(model ?? DEFAULT_MODEL_FOLDER, 'gate.json');
}

/**
 * Calibrates on the images that are named, with an engine of its own. Measurements are kept until there is a
 * gate.
 *
 * @throws TooFewImagesError, DatasetError, ModelError, EngineError
 */
export async function runCalibration(run: CalibrationRun): Promise<Calibrated> {
  const { data, split, labels, signal, veto, unfamiliar, goal, onProgress, tool } = run;
  const folder = run.model ?? DEFAULT_MODEL_FOLDER;
  const work = run.work ?? workFolder(data, split, folder);
  const model = await loadModel(folder);
  const dataset = await openDataset(data, model, { maxPixels: MAX_PIXELS, split, labels });
  const hashed = await hashDataset(dataset, {
    labels: model.manifest.labels,
    fewest: FEWEST,
    onProgress: onProgress('reading'),
  });
  if (hashed.images.length < LEAST_IMAGES) throw new TooFewImagesError(hashed.images.length);
  await mkdir(work, { recursive: true });
  const engine = await openDatasetEngine(model);
  try {
    const calibrated = await calibrate(engine, model, hashed, {
      ...{ signal, calm: veto, unfamiliar, goal, salt: SALT, cache: work, onProgress, tool },
      created: new Date().toISOString(),
    });
    if (calibrated.gate !== null) await rm(work, { recursive: true, force: true });
    return calibrated;
  } finally {
    engine.close();
  }
}

function workFolder(data: string, split: string | undefined, model: string): string {
  const run = createHash('sha256')
    .update(JSON.stringify([data, split, model]))
    .digest('hex')
    .slice(0, 16);
  return join(tmpdir(), `sensigate-calibrate-${run}`);
}
