import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import type { DatasetProblem } from '../dataset/dataset.ts';
import { openDataset } from '../dataset/open.ts';
import type { Standing } from '../study/calibration/best-signal.ts';
import type { CalibrationOutcome, Goal } from '../study/calibration/choose-rule.ts';
import type { GateFile } from '../gate/gate.ts';
import { SIGNAL_NAMES as SIGNALS, type SignalName as Signal } from '../gate/signals/registry.ts';
import { loadModel } from '../model/load.ts';
import { calibrate as calibrateOn } from '../study/calibration/calibrate.ts';
import { hashDataset } from '../study/measuring/hash-dataset.ts';
import { openDatasetEngine } from '../study/measuring/dataset-engine.ts';
import { createProgress } from '../command-line/progress.ts';
import { writeJson } from '../command-line/write-file.ts';

export const usage = `sensigate calibrate --data <folder | .csv | .jsonl | …images-idx3-ubyte[.gz]> (--risk 0.01 | --coverage 0.9)
    [--confidence 0.95]      how sure the promise is
    [--signal sensitivity]   ${SIGNALS.join(' | ')} | best
    [--method fixed-sequence]
    [--model <folder>]       models/fashion-mnist
    [--split <splits.json>:<name>]  only these images of an IDX file
    [--labels <file>]        of an IDX file, where it is not beside it
    [--out <gate.json>]      the model's gate.json
    [--report <file.json>]   <out>.report.json: what was left out, and how signals compare
    [--work <folder>]        where measurements are kept, so that an interrupted run goes on

Exit codes: 0 the gate is written; 3 insufficient_labels; 4 no_certifiable_threshold; 2 wrong arguments; 1 anything else. Only 0 writes a gate.`;

const MAX_PIXELS = 50_000_000;
/** A label with fewer images is named in the report. */
const FEWEST = 20;
/** Halves are the same in every run, so that a run that goes on meets its own measurements. */
const SALT = 'sensigate calibrate';

const EXIT: Readonly<Record<CalibrationOutcome['outcome'], number>> = {
  certified: 0,
  covered: 0,
  insufficient_labels: 3,
  no_certifiable_threshold: 4,
};

interface Arguments {
  readonly data: string;
  readonly model: string;
  readonly goal: Goal;
  readonly signal: Signal | 'best';
  readonly split: string | undefined;
  readonly labels: string | undefined;
  readonly out: string;
  readonly report: string;
  readonly work: string;
}

/** Writes a gate that keeps a promise, or says why there is none. */
export async function calibrate(args: readonly string[]): Promise<number> {
  const parsed = argumentsOf(args);
  if (typeof parsed === 'string') {
    console.error(`${parsed}\n\n${usage}`);
    return 2;
  }
  const model = await loadModel(parsed.model);
  const dataset = await openDataset(parsed.data, model, {
    maxPixels: MAX_PIXELS,
    split: parsed.split,
    labels: parsed.labels,
  });
  const hashed = await hashDataset(dataset, {
    labels: model.manifest.labels,
    fewest: FEWEST,
    onProgress: progressOf('reading'),
  });
  await mkdir(parsed.work, { recursive: true });
  const engine = await openDatasetEngine(model);
  try {
    const { outcome, gate, problems, standings } = await calibrateOn(engine, model, hashed, {
      signal: parsed.signal,
      goal: parsed.goal,
      salt: SALT,
      cache: parsed.work,
      onProgress: progressOf,
      created: new Date().toISOString(),
      tool: `${packageJson.name} ${packageJson.version}`,
    });
    await writeJson(parsed.report, { outcome, gate, standings, left_out: problems });
    if (gate !== null) await writeJson(parsed.out, gate);
    say(parsed, outcome, gate, problems, standings);
    if (gate !== null) await rm(parsed.work, { recursive: true, force: true });
    return EXIT[outcome.outcome];
  } finally {
    engine.close();
  }
}

function progressOf(what: string): (done: number, total: number) => void {
  const progress = createProgress(what);
  return (done, total) => {
    progress.report(done, total);
    if (done === total) progress.end();
  };
}

function argumentsOf(args: readonly string[]): Arguments | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        model: { type: 'string', default: 'models/fashion-mnist' },
        risk: { type: 'string' },
        coverage: { type: 'string' },
        confidence: { type: 'string', default: '0.95' },
        signal: { type: 'string', default: 'sensitivity' },
        method: { type: 'string' },
        split: { type: 'string' },
        labels: { type: 'string' },
        out: { type: 'string' },
        report: { type: 'string' },
        work: { type: 'string' },
      },
    }));
  } catch (error) {
    return (error as Error).message;
  }
  const { data, model, signal } = values;
  const [risk, coverage, confidence] = [values.risk, values.coverage, values.confidence].map((text) =>
    text === undefined ? null : Number(text),
  ) as [number | null, number | null, number];
  if (data === undefined) return 'expected --data: the labelled images';
  if ((risk === null) === (coverage === null)) return 'expected one of --risk and --coverage';
  if (!(confidence > 0 && confidence < 1)) return `expected 0 < --confidence < 1, got ${values.confidence}`;
  if (risk !== null && !(risk > 0 && risk < 1)) return `expected 0 < --risk < 1, got ${values.risk}`;
  if (coverage !== null && !(coverage > 0 && coverage <= 1)) {
    return `expected 0 < --coverage ≤ 1, got ${values.coverage}`;
  }
  if (values.method !== undefined && (values.method !== 'fixed-sequence' || risk === null)) {
    return `expected --method fixed-sequence with --risk, got ${values.method}`;
  }
  if (signal !== 'best' && !(SIGNALS as readonly string[]).includes(signal)) {
    return `expected --signal ${SIGNALS.join(', ')} or best, got ${signal}`;
  }
  const out = values.out ?? join(model, 'gate.json');
  const run = createHash('sha256')
    .update(JSON.stringify([data, values.split, model]))
    .digest('hex')
    .slice(0, 16);
  return {
    data,
    model,
    goal:
      risk !== null
        ? { method: 'fixed_sequence', risk, confidence }
        : { method: 'coverage', coverage: coverage!, confidence },
    signal: signal as Signal | 'best',
    split: values.split,
    labels: values.labels,
    out,
    report: values.report ?? out.replace(/(\.json)?$/, '.report.json'),
    work: values.work ?? join(tmpdir(), `sensigate-calibrate-${run}`),
  };
}

function say(
  { goal, out, report }: Arguments,
  outcome: CalibrationOutcome,
  gate: GateFile | null,
  problems: readonly DatasetProblem[],
  standings: readonly Standing[],
): void {
  for (const { signal, augrc, behind } of standings) {
    console.log(
      `${signal}: AUGRC ${augrc.toPrecision(4)}, behind the best by ${behind[0].toPrecision(2)} to ${behind[1].toPrecision(2)}`,
    );
  }
  if (problems.length > 0) console.log(`${problems.length} images or labels left out or named: ${report}`);
  const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;
  const proven = outcome.outcome === 'certified' ? outcome : outcome.proven;
  const figures =
    `${proven.accepted} of ${proven.images} certification images automatic (${percent(proven.coverage)}), ` +
    `${proven.errors} of them wrong`;
  const sure = `${percent(goal.confidence)} sure`;
  switch (outcome.outcome) {
    case 'certified':
    case 'covered':
      console.log(
        `${out}: ${gate?.signal} up to ${gate?.threshold.toPrecision(4)}: at most ${percent(proven.risk)} of automatic labels wrong, ${sure}; ${figures}`,
      );
      return;
    case 'insufficient_labels':
      console.log(
        `insufficient_labels: the errors seem rare enough, but too few labels prove it. About ${2 * outcome.labelsNeeded} labelled images ` +
          `are needed, half of which prove. These prove at most ${percent(proven.risk)}, ${sure}; ${figures}. No gate is written.`,
      );
      return;
    case 'no_certifiable_threshold':
      console.log(
        `no_certifiable_threshold: the model errs too often wherever a threshold is set. What can be had is at most ${percent(proven.risk)}, ` +
          `${sure}; ${figures}. No gate is written.`,
      );
  }
}
