/**
 * How near do differences come to the derivative where a network has kinks? The exact sensitivity at several
 * steps against automatic differentiation in float64, for ReLU with max-pooling (mnist-8), for ReLU with
 * strides (a ResNet-8), and for a smooth shipped model.
 *
 * Compared are the norms of the logits' Jacobians: mnist-8 is so certain of its answers that its
 * probabilities do not move at all.
 *
 *     node research/kinks.ts [--short] [python]
 *
 * The first two need their models, the whole needs PyTorch and onnx for Python; what is not at hand is left
 * out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDecode } from '../src/model/decode.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openSession } from '../src/model/session.ts';
import { EXACT_STEP, exactSensitivity } from '../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../src/numerics/jacobian/measurement-steps.ts';
import { loadThirdParty } from '../support/third-party-models.ts';
import {
  check,
  describeMachine,
  photographs,
  result,
  root,
  sharedData,
  short,
  threads,
} from '../bench/harness.ts';

const STEPS = short ? [EXACT_STEP] : [1e-4, 3e-4, 1e-3, EXACT_STEP, 1e-2];
const PER_DIGIT = short ? 1 : 4;
const PHOTOGRAPHS = short ? 2 : 20;
/**
 * What no network, kinked or not, may exceed in the median: beyond it something else is wrong than a kink.
 */
const MOST = 0.1;

const python = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '/usr/bin/python3';

/** The first images of each digit among the samples of the shipped model. */
async function digits(): Promise<Buffer[]> {
  const samples = join(root, 'models/mnist/samples');
  const labels = (await readdir(samples)).sort();
  const files = await Promise.all(
    labels.map(async (label) =>
      (await readdir(join(samples, label)))
        .sort()
        .slice(0, PER_DIGIT)
        .map((file) => join(samples, label, file)),
    ),
  );
  return Promise.all(files.flat().map((file) => readFile(file)));
}

/** An IDX file of `images`: what the reference reads. */
function idx(model: Model, images: readonly Uint8Array[]): Buffer {
  const { height, width, channels } = model.shape;
  const sizes = channels === 1 ? [images.length, height, width] : [images.length, height, width, channels];
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header[2] = 8;
  header[3] = sizes.length;
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, ...images]);
}

/** Median and 95th percentile of the relative difference, as `compare_reference.py` prints them. */
function compareWithReference(
  model: Model,
  imagesPath: string,
  valuesPath: string,
): { median: number; p95: number } {
  const script = join(root, 'research/compare_reference.py');
  const reference = join(root, 'research/autograd.py');
  const run = spawnSync(python, [script, reference, model.folder, imagesPath, valuesPath, 'logits'], {
    encoding: 'utf8',
  });
  const found = /median=(\S+) p95=(\S+)/.exec(run.stdout);
  check(found !== null, `the reference failed: ${run.stderr}`);
  return { median: Number(found[1]), p95: Number(found[2]) };
}

async function compare(model: Model, kinks: string, files: readonly Buffer[]): Promise<void> {
  const decode = createDecode(model.manifest, 50_000_000);
  const preprocess = createPreprocess(model.manifest);
  const images = await Promise.all(files.map(async (bytes) => (await decode(bytes)).pixels));
  const session = await openSession(model, { threads });
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-bench-'));
  const imagesPath = join(folder, 'images-idx');
  const valuesPath = join(folder, 'exact.jsonl');
  await writeFile(imagesPath, idx(model, images));
  for (const step of STEPS) {
    const lines: string[] = [];
    for (const [index, pixels] of images.entries()) {
      const measuring = exactSensitivity(preprocess(pixels), step);
      const { logitSensitivity } = await runMeasurement(measuring, session.classify, model.dimension);
      lines.push(JSON.stringify({ index, logitSensitivity }));
    }
    await writeFile(valuesPath, lines.join('\n'));
    const { median, p95 } = compareWithReference(model, imagesPath, valuesPath);
    check(median < MOST, `${model.manifest.name}: a median difference of ${median} is no kink's doing`);
    if (kinks === 'none' && step === EXACT_STEP) check(p95 <= 1e-3, `a smooth model differs by ${p95}`);
    result('kinks', { model: model.manifest.name, kinks, step, median, p95, images: images.length });
  }
  await session.release();
  await rm(folder, { recursive: true });
}

describeMachine();
if (spawnSync(python, ['-c', 'import torch, onnx']).status !== 0) {
  console.log(`left out: ${python} has no torch and onnx`);
} else {
  await compare(await loadModel(join(root, 'models/mnist')), 'none', await digits());
  if (sharedData === null) {
    console.log('left out: mnist-8 and ResNet-8, which are not beside this checkout');
  } else {
    await compare(await loadThirdParty('mnist-8'), 'relu,max-pooling', await digits());
    const pictures = (await photographs()).slice(0, PHOTOGRAPHS);
    await compare(await loadThirdParty('resnet8'), 'relu', pictures);
  }
}
