import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import type { Dataset, DatasetProblem } from '../dataset/dataset.ts';
import { openDataset } from '../dataset/open.ts';
import { type Shift, SHIFT_NAMES, shiftDataset } from '../dataset/shifts.ts';
import type { Engine } from '../engine/engine.ts';
import { evaluate as evaluateImages } from '../study/evaluation/evaluate.ts';
import { type EvaluatedImage, isWrong } from '../study/evaluation/evaluated-image.ts';
import { markdownTables } from '../study/report/markdown.ts';
import { renderReport } from '../study/report/report.ts';
import type { Gallery, Picture, Report } from '../study/report/report-content.ts';
import { GateError } from '../gate/gate-error.ts';
import type { Gate } from '../gate/gate.ts';
import { readGate } from '../gate/read-gate.ts';
import { reviewScore } from '../gate/signals/registry.ts';
import { loadModel, type Model } from '../model/load.ts';
import {
  type EvaluatedDataset,
  evaluateDataset,
  type EvaluateOptions,
} from '../study/evaluation/evaluate-dataset.ts';
import { hashDataset } from '../study/measuring/hash-dataset.ts';
import { dataUri, drawPixels, mapPixels } from '../study/report/picture.ts';
import { openDatasetEngine } from '../study/measuring/dataset-engine.ts';
import { createProgress } from '../command-line/progress.ts';
import { writeJson, writeWhole } from '../command-line/write-file.ts';

export const usage = `sensigate evaluate --data <folder | .csv | .jsonl | …images-idx3-ubyte[.gz]>
    [--model <folder>]       models/fashion-mnist
    [--gate <gate.json>]     the model's gate.json; signals alone are compared where there is none
    [--risk-model <gate.json>]  whose model of the signal risk to evaluate; where neither it nor the gate has one,
                             it is fitted on these images, each judged by a model of the others
    [--split <splits.json>:<name>]  only these images of an IDX file
    [--labels <file>]        of an IDX file, where it is not beside it
    [--shift <name>]         ${SHIFT_NAMES.join(' | ')} | all: as they are, each of these, and these together
    [--limit <n>]            this many images, spread evenly over the data
    [--pace <seconds>]       20: what a person takes for a label
    [--pictures <n>]         12: of each kind to look at
    [--out <report.html>]    one page that needs nothing else
    [--json <report.json>]   the same for programs

Compares every signal with max-softmax on labelled images, and says what the gate's decisions on them are worth.
Exit codes: 0 done; 2 wrong arguments; 1 anything else.`;

const MAX_PIXELS = 50_000_000;

interface Arguments {
  readonly data: string;
  readonly model: string;
  /** Null for the model's own, which may be missing. */
  readonly gate: string | null;
  readonly riskModel: string | null;
  readonly split: string | undefined;
  readonly labels: string | undefined;
  readonly shifts: readonly (Shift | null)[];
  readonly limit: number;
  readonly pace: number;
  readonly pictures: number;
  readonly out: string | null;
  readonly json: string | null;
}

/** Prints what the signals and the gate are worth, and writes the report. */
export async function evaluate(args: readonly string[]): Promise<number> {
  const parsed = argumentsOf(args);
  if (typeof parsed === 'string') {
    console.error(`${parsed}\n\n${usage}`);
    return 2;
  }
  const model = await loadModel(parsed.model);
  const gate = await gateOf(parsed, model);
  const risk = parsed.riskModel === null ? gate?.risk : (await readGate(parsed.riskModel, model.digest)).risk;
  if (risk === null && parsed.riskModel !== null) {
    throw new Error(
      `expected a model of risk in ${parsed.riskModel}, got none; make one by sensigate calibrate --signal risk`,
    );
  }
  const opened = await openDataset(parsed.data, model, {
    maxPixels: MAX_PIXELS,
    split: parsed.split,
    labels: parsed.labels,
  });
  const dataset = spread(opened, parsed.limit);
  const engine = await openDatasetEngine(model);
  try {
    const problems: DatasetProblem[] = [];
    const parts: Part[] = [];
    for (const shift of parsed.shifts) {
      const part = await measurePart(engine, model, dataset, shift, {
        gate,
        risk: risk ?? (parts.length === 0 ? 'cross_fit' : parts[0]!.crossFit),
      });
      for (const problem of part.problems) problems.push(problem);
      parts.push(part);
    }
    const report = reportOf(parsed, model, gate, dataset, withPooled(parts), problems);
    console.log(markdownTables(report));
    if (parsed.json !== null) await writeJson(parsed.json, report);
    if (parsed.out !== null) {
      const galleries = await galleriesOf(engine, model, parts[0]!, parsed.pictures);
      await writeWhole(parsed.out, renderReport(report, galleries));
    }
    return 0;
  } finally {
    engine.close();
  }
}

function argumentsOf(args: readonly string[]): Arguments | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        model: { type: 'string', default: 'models/fashion-mnist' },
        gate: { type: 'string' },
        'risk-model': { type: 'string' },
        split: { type: 'string' },
        labels: { type: 'string' },
        shift: { type: 'string' },
        limit: { type: 'string', default: 'Infinity' },
        pace: { type: 'string', default: '20' },
        pictures: { type: 'string', default: '12' },
        out: { type: 'string' },
        json: { type: 'string' },
      },
    }));
  } catch (error) {
    return (error as Error).message;
  }
  const { data, shift } = values;
  const [limit, pace, pictures] = [Number(values.limit), Number(values.pace), Number(values.pictures)];
  if (data === undefined) return 'expected --data: the labelled images';
  if (shift !== undefined && shift !== 'all' && !SHIFT_NAMES.includes(shift as Shift)) {
    return `expected --shift ${SHIFT_NAMES.join(', ')} or all, got ${shift}`;
  }
  if (!(limit >= 1)) return `expected --limit 1 or more, got ${values.limit}`;
  if (!(pace > 0)) return `expected --pace in seconds, more than 0, got ${values.pace}`;
  if (!(pictures >= 0)) return `expected --pictures 0 or more, got ${values.pictures}`;
  return {
    data,
    model: values.model,
    gate: values.gate ?? null,
    riskModel: values['risk-model'] ?? null,
    split: values.split,
    labels: values.labels,
    shifts: shift === 'all' ? [null, ...SHIFT_NAMES] : [(shift ?? null) as Shift | null],
    limit,
    pace,
    pictures,
    out: values.out ?? null,
    json: values.json ?? null,
  };
}

/** The gate that is named, or the model's own; null where the model has none. */
async function gateOf({ gate, model: folder }: Arguments, model: Model): Promise<Gate | null> {
  try {
    return await readGate(gate ?? join(folder, 'gate.json'), model.digest);
  } catch (error) {
    if (gate !== null || !(error instanceof GateError && error.code === 'missing_gate')) throw error;
    console.error(`${error.message}; signals alone are compared`);
    return null;
  }
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

interface Part extends EvaluatedDataset {
  readonly name: string;
  readonly dataset: Dataset;
}

async function measurePart(
  engine: Engine,
  model: Model,
  plain: Dataset,
  shift: Shift | null,
  by: Pick<EvaluateOptions, 'gate' | 'risk'>,
): Promise<Part> {
  const name = shift ?? 'as they are';
  const dataset = shift === null ? plain : shiftDataset(plain, model.shape, shift);
  const progressOf = (what: string): ((done: number, total: number) => void) => {
    const progress = createProgress(`${name}, ${what}`);
    return (done, total) => {
      progress.report(done, total);
      if (done === total) progress.end();
    };
  };
  const hashed = await hashDataset(dataset, {
    labels: model.manifest.labels,
    fewest: 0,
    onProgress: progressOf('reading'),
  });
  const measured = await evaluateDataset(engine, model, hashed, { ...by, onProgress: progressOf });
  if (measured.images.length === 0) throw new Error(`${dataset.name}: none of its images can be evaluated`);
  return { ...measured, problems: [...hashed.problems, ...measured.problems], name, dataset };
}

/** The parts, and all shifts together where there are several. */
function withPooled(parts: readonly Part[]): readonly Pick<Part, 'name' | 'images' | 'crossFit'>[] {
  const shifted = parts.slice(1);
  if (shifted.length < 2) return parts;
  return [
    ...parts,
    {
      name: `all ${shifted.length} shifts together`,
      images: shifted.flatMap(({ images }) => images),
      crossFit: null,
    },
  ];
}

function reportOf(
  { pace }: Arguments,
  model: Model,
  gate: Gate | null,
  dataset: Dataset,
  parts: readonly Pick<Part, 'name' | 'images' | 'crossFit'>[],
  problems: readonly DatasetProblem[],
): Report {
  const threshold = gate && reviewScore(gate.signal, gate.threshold);
  return {
    tool: packageJson.version,
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
    seconds_per_label: pace,
    parts: parts.map(({ name, images }) => ({
      name,
      evaluation: evaluateImages(images, { classes: model.classes, threshold, secondsPerLabel: pace }),
    })),
    problems,
  };
}

/** The images that most need a person, and those where the classifier is surest and wrong. */
async function galleriesOf(
  engine: Engine,
  model: Model,
  { images, sensitivities, dataset }: Part,
  count: number,
): Promise<readonly Gallery[]> {
  const confidenceOf = ({ scores }: EvaluatedImage): number =>
    reviewScore('confidence', scores['confidence']!);
  const reads = new Map(dataset.images.map(({ where, read }) => [where, read]));
  const picture = async (place: number): Promise<Picture> => {
    const image = images[place]!;
    const pixels = await reads.get(image.where)!();
    const map = await mapPixels(engine, pixels, model);
    return {
      where: image.where,
      label: image.label,
      predicted: image.predicted,
      confidence: confidenceOf(image),
      sensitivity: sensitivities[place]!,
      image: dataUri(await drawPixels(pixels, model)),
      map: map && dataUri(map),
    };
  };
  const places = [...images.keys()];
  const sensitive = places.toSorted((a, b) => sensitivities[b]! - sensitivities[a]!).slice(0, count);
  const sure = places
    .filter((place) => isWrong(images[place]!))
    .sort((a, b) => confidenceOf(images[b]!) - confidenceOf(images[a]!))
    .slice(0, count);
  return [
    { title: 'The most sensitive images', pictures: await Promise.all(sensitive.map(picture)) },
    { title: 'The most confidently wrong', pictures: await Promise.all(sure.map(picture)) },
  ];
}
