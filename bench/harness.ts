import { existsSync } from 'node:fs';
import { mkdtemp, writeFile, copyFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchRowsFor } from '../src/engine/batch-rows.ts';
import { createEngine, type Engine } from '../src/engine/engine.ts';
import { loadModel, type Model } from '../src/model/load.ts';

/** `--short`: few images and rounds, to see that a benchmark runs and checks itself. Its times mean nothing. */
export const short = process.argv.includes('--short');

export const threads = availableParallelism();

export const root = fileURLToPath(new URL('..', import.meta.url));

const shared = join(root, '../shared/data');

/** Third-party models and photographs beside the checkout; null where they are not there. */
export const sharedData: string | null = existsSync(shared) ? shared : null;

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
  const fields = Object.entries(values).map(
    ([key, value]) => `${key}=${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`,
  );
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
  changes: { processes?: number; threads?: number } = {},
): Promise<Engine> {
  const engine = createEngine(model, {
    processes: 1,
    threads,
    batchRows: batchRowsFor(model.dimension),
    queueLimit: 100_000,
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

const common = { version: '1', licence: 'see the model zoo', provenance: 'ONNX model zoo' };

async function sharedModel(onnx: string, manifest: object): Promise<Model | null> {
  if (sharedData === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-bench-'));
  await copyFile(join(sharedData, onnx), join(folder, 'model.onnx'));
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...common, ...manifest }));
  return loadModel(folder);
}

/** MobileNetV2, 224 × 224 × 3; null where it is not at hand. */
export function mobileNet(): Promise<Model | null> {
  return sharedModel('imagenet/mobilenetv2.onnx', {
    name: 'mobilenetv2',
    labels: Array.from({ length: 1000 }, (_, i) => `class ${i}`),
    mirror_keeps_label: true,
    input: {
      name: 'input',
      shape: ['n', 3, 224, 224],
      layout: 'NCHW',
      channels: 'rgb',
      resize: { rule: 'short_side', length: 256, kernel: 'linear' },
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    output: { name: 'output', values: 'logits' },
  });
}

/** A CIFAR-10 ResNet-8, 32 × 32 × 3; null where it is not at hand. */
export function resNet8(): Promise<Model | null> {
  return sharedModel('onnx/derived_cifar10_resnet8_fp32_from_mlperf_tiny_h5.onnx', {
    name: 'resnet8',
    labels: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    mirror_keeps_label: true,
    input: {
      name: 'input_1',
      shape: ['n', 3, 32, 32],
      layout: 'NCHW',
      channels: 'rgb',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    output: { name: 'logits', values: 'logits' },
  });
}
