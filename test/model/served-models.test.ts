import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createDecode } from '../../src/model/decode.ts';
import { loadModel, type Model } from '../../src/model/load.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import type { Measurement } from '../../src/numerics/measurement.ts';
import { carryOut } from '../../src/numerics/measuring.ts';
import { measureSequentially } from '../../src/numerics/sequential.ts';
import { needsSharedData, sharedData } from '../shared-data.ts';

const data = sharedData ?? '';

async function modelFrom(onnxPath: string, manifest: object): Promise<Model> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-model-'));
  await copyFile(join(data, onnxPath), join(folder, 'model.onnx'));
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest));
  return loadModel(folder);
}

async function imagenetLabels(): Promise<string[]> {
  const synset = await readFile(join(data, 'imagenet/synset.txt'), 'utf8');
  // Two classes are both called "crane" and two "maillot": the WordNet id keeps labels apart.
  return synset.trim().split('\n');
}

async function photographs(): Promise<{ bytes: Buffer; truth: number }[]> {
  const [, ...rows] = (await readFile(join(data, 'imagenet/labels.csv'), 'utf8')).trim().split('\n');
  return Promise.all(
    rows.slice(0, 40).map(async (row) => {
      const [file, label] = row.split(',');
      return { bytes: await readFile(join(data, 'imagenet', file!)), truth: Number(label) };
    }),
  );
}

const common = { version: '1', licence: 'see the model zoo', provenance: 'ONNX model zoo' };

/** Fraction of photographs classified rightly, and the measurement of the last one. */
async function classifyAll(
  model: Model,
  images: readonly { bytes: Uint8Array; truth: number }[],
): Promise<{ accuracy: number; last: Measurement }> {
  const session = await openSession(model, { threads: 2 });
  const decode = createDecode(model.manifest, 50_000_000);
  const preprocess = createPreprocess(model.manifest);
  let right = 0;
  let last: Measurement | null = null;
  for (const { bytes, truth } of images) {
    const input = preprocess(await decode(bytes));
    last = await carryOut(
      measureSequentially(
        input,
        null,
        { looks: [1], error: 0.01, difference: 'forward', step: 1e-3, confidence: 0.9, prior: null },
        Uint32Array.of(3, 2, 1, 0),
      ),
      session.classify,
      model.dimension,
    );
    if (last.predicted === truth) right++;
  }
  await session.release();
  assert.ok(last);
  return { accuracy: right / images.length, last };
}

function assertMeasured(measurement: Measurement): void {
  // A saturated network's probabilities do not move at all; its logits do.
  assert.ok(measurement.sensitivity >= 0 && Number.isFinite(measurement.sensitivity));
  assert.ok(measurement.logitSensitivity! > 0);
  const total = measurement.probabilities.reduce((sum, p) => sum + p, 0);
  assert.ok(Math.abs(total - 1) < 1e-9, `probabilities sum to ${total}`);
}

describe('models served by writing a manifest only', needsSharedData, () => {
  it('serves MobileNetV2: RGB, 224 × 224 from the short side, logits', async () => {
    const model = await modelFrom('imagenet/mobilenetv2.onnx', {
      ...common,
      name: 'mobilenetv2',
      labels: await imagenetLabels(),
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
    const { accuracy, last } = await classifyAll(model, await photographs());
    // 72% on ImageNet; wrong scaling or channel order would leave a few percent.
    assert.ok(accuracy > 0.6, `accuracy ${accuracy}`);
    assertMeasured(last);
  });

  it('serves SqueezeNet 1.1: BGR, means subtracted, the tensor before its Softmax exposed', async () => {
    const model = await modelFrom('imagenet/squeezenet1.1.onnx', {
      ...common,
      name: 'squeezenet',
      labels: await imagenetLabels(),
      mirror_keeps_label: true,
      input: {
        name: 'data_0',
        shape: ['n', 3, 224, 224],
        layout: 'NCHW',
        channels: 'bgr',
        resize: { rule: 'short_side', length: 256, kernel: 'linear' },
        scale: 1,
        mean: [104, 117, 123],
        std: [1, 1, 1],
      },
      output: { name: 'softmaxout_1', values: 'probabilities' },
    });
    assert.deepEqual(model.output, { name: 'pool10_1', logits: 'as_is' });
    const { accuracy, last } = await classifyAll(model, (await photographs()).slice(0, 20));
    assert.ok(accuracy > 0.4, `accuracy ${accuracy}`);
    assertMeasured(last);
  });

  it('serves mnist-8: a batch fixed at one', async () => {
    const model = await modelFrom('onnx/mnist-8.onnx', {
      ...common,
      name: 'mnist-8',
      labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
      input: {
        name: 'Input3',
        shape: [1, 1, 28, 28],
        layout: 'NCHW',
        channels: 'gray',
        scale: 1,
        mean: [0],
        std: [1],
      },
      output: { name: 'Plus214_Output_0', values: 'logits' },
    });
    assert.equal(model.fixedBatch, 1);
    const samples = new URL('../../models/mnist/samples/', import.meta.url);
    const images = await Promise.all(
      (await readdir(samples)).flatMap(async (label) => {
        const [first] = await readdir(new URL(`${label}/`, samples));
        return { bytes: await readFile(new URL(`${label}/${first}`, samples)), truth: Number(label) };
      }),
    );
    const { accuracy, last } = await classifyAll(model, images);
    assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);
    assertMeasured(last);
  });

  it('serves a CIFAR-10 ResNet-8 that has both logits and probabilities', async () => {
    const model = await modelFrom('onnx/derived_cifar10_resnet8_fp32_from_mlperf_tiny_h5.onnx', {
      ...common,
      name: 'resnet8',
      labels: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
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
      output: { name: 'probs', values: 'probabilities' },
    });
    assert.equal(model.output.name, 'logits');
    // A photograph scaled to 32 × 32 is no CIFAR image: only that it is measured can be checked.
    const [picture] = await photographs();
    const { last } = await classifyAll(model, [picture!]);
    assertMeasured(last);
  });
});
