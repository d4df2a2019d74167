import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createDecode } from '../../src/model/decode.ts';
import type { Model } from '../../src/model/load.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import type { Measurement } from '../../src/numerics/jacobian/measurement.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { measureSequentially } from '../../src/numerics/jacobian/sequential.ts';
import { needsSharedData, sharedData } from '../../support/shared-data.ts';
import { loadThirdParty } from '../../support/third-party-models.ts';

const data = sharedData ?? '';

async function photographs(): Promise<{ bytes: Buffer; truth: number }[]> {
  const [, ...rows] = (await readFile(join(data, 'imagenet/labels.csv'), 'utf8')).trim().split('\n');
  return Promise.all(
    rows.slice(0, 40).map(async (row) => {
      const [file, label] = row.split(',');
      return { bytes: await readFile(join(data, 'imagenet', file!)), truth: Number(label) };
    }),
  );
}

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
    const input = preprocess((await decode(bytes)).pixels);
    last = await runMeasurement(
      measureSequentially(
        input,
        null,
        {
          looks: [1],
          error: 0.01,
          difference: 'forward',
          step: 1e-3,
          confidence: 0.9,
          prior: null,
          steepest: null,
        },
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
    const model = await loadThirdParty('mobilenetv2');
    const { accuracy, last } = await classifyAll(model, await photographs());
    // 72% on ImageNet; wrong scaling or channel order would leave a few percent.
    assert.ok(accuracy > 0.6, `accuracy ${accuracy}`);
    assertMeasured(last);
  });

  it('serves SqueezeNet 1.1: BGR, means subtracted, the tensor before its Softmax exposed', async () => {
    const model = await loadThirdParty('squeezenet');
    assert.deepEqual(model.output, { name: 'pool10_1', logits: 'as_is' });
    const { accuracy, last } = await classifyAll(model, (await photographs()).slice(0, 20));
    assert.ok(accuracy > 0.4, `accuracy ${accuracy}`);
    assertMeasured(last);
  });

  it('serves mnist-8: a batch fixed at one', async () => {
    const model = await loadThirdParty('mnist-8');
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
    const model = await loadThirdParty('resnet8');
    assert.equal(model.output.name, 'logits');
    // A photograph scaled to 32 × 32 is no CIFAR image: only that it is measured can be checked.
    const [picture] = await photographs();
    const { last } = await classifyAll(model, [picture!]);
    assertMeasured(last);
  });
});
