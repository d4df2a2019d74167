import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchRowsFor } from '../src/engine/batch-rows.ts';
import { createEngine, type Engine, type EngineEvents } from '../src/engine/engine.ts';
import type { Model } from '../src/model/load.ts';
import { sharedData } from '../support/shared-data.ts';
import { loadThirdParty } from '../support/third-party-models.ts';

/**
 * `--short`: few images and rounds, to see that a benchmark runs and checks itself. Its times mean nothing.
 */
export const short = process.argv.includes('--short');

export const threads = availableParallelism();

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Third-party models and photographs beside the checkout; null where they are not there. */
export { sharedData };

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that a share `q` of `values` does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

/** Fails the benchmark: a broken run must not look like a fast one. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`the benchmark's own check failed: ${what}`);
}

/** Prints raw values of one question, so that a median can be judged. */
export function raw(name: string, values: readonly number[]): void {
  console.log(`  ${name}: ${values.map((value) => value.toPrecision(4)).join(' ')}`);
}

/** The closing line that programs read. */
export function result(name: string, values: Readonly<Record<string, string | number>>): void {
  const fields = Object.entries(values).map(([key, value]) => {
    const isFraction = typeof value === 'number' && !Number.isInteger(value);
    return `${key}=${isFraction ? Number(value.toPrecision(4)) : value}`;
  });
  console.log(`RESULT ${name} ${fields.join(' ')}`);
}

export function describeMachine(): void {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  console.log(
    `${threads} × ${model}, Node ${process.versions.node}${short ? ', short form: times mean nothing' : ''}`,
  );
}

export async function openEngine(
  model: Model,
  changes: { processes?: number; threads?: number; events?: EngineEvents } = {},
): Promise<Engine> {
  const engine = createEngine(model, {
    processes: threads,
    threads: 1,
    batchRows: batchRowsFor(model.dimension),
    silenceMs: 60_000,
    events: { onBatch: () => undefined, onRestart: () => undefined },
    ...changes,
  });
  await engine.started();
  check(engine.ready, engine.unusable ?? 'the engine is not ready');
  return engine;
}

/** Runs `work` for each of 0 … count − 1, `open` of them at a time. */
export async function eachOpen(
  count: number,
  open: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: Math.min(open, count) }, worker));
}

/** MobileNetV2, 224 × 224 × 3; null where it is not at hand. */
export async function mobileNet(): Promise<Model | null> {
  return sharedData === null ? null : loadThirdParty('mobilenetv2');
}

/** A CIFAR-10 ResNet-8, 32 × 32 × 3; null where it is not at hand. */
export async function resNet8(): Promise<Model | null> {
  return sharedData === null ? null : loadThirdParty('resnet8');
}

/** JPEGs of many sizes, in the order of their names; none where they are not at hand. */
export async function photographs(): Promise<Buffer[]> {
  if (sharedData === null) return [];
  const folder = join(sharedData, 'imagenet/images');
  return Promise.all((await readdir(folder)).sort().map((file) => readFile(join(folder, file))));
}
