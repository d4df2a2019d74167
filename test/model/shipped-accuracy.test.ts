import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readIdxImages } from '../../src/model/idx.ts';
import { loadModel } from '../../src/model/load.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import { argmax } from '../../src/numerics/jacobian/softmax.ts';

const models = new URL('../../models/', import.meta.url);
const fashion = fileURLToPath(new URL('fashion-mnist', models));

describe('the shipped Fashion-MNIST model', () => {
  it('is right as often as its manifest says, on the first 2,000 images of the test split', async () => {
    const model = await loadModel(fashion);
    const images = await readIdxImages(`${fashion}/test-split/t10k-images-idx3-ubyte.gz`);
    const session = await openSession(model, { threads: 2 });
    const preprocess = createPreprocess(model.manifest);
    const COUNT = 2000;
    const BATCH = 100;
    let right = 0;
    for (let from = 0; from < COUNT; from += BATCH) {
      const inputs = new Float32Array(BATCH * model.dimension);
      for (let i = 0; i < BATCH; i++)
        inputs.set(preprocess(images.pixels(from + i)).values, i * model.dimension);
      const logits = await session.classify(inputs, BATCH);
      for (let i = 0; i < BATCH; i++) {
        if (argmax(logits.subarray(10 * i, 10 * i + 10)) === images.classOf(from + i)) right++;
      }
    }
    await session.release();
    const stated = model.manifest.accuracy!.value;
    // Four standard errors of a share of 2,000 images.
    assert.ok(
      Math.abs(right / COUNT - stated) < 4 * Math.sqrt((stated * (1 - stated)) / COUNT),
      `${right} of ${COUNT}`,
    );
  });
});

describe('the splits of the shipped models', () => {
  const splits = z.object({ indices: z.record(z.string(), z.array(z.int().min(0).max(59_999))) });
  for (const name of ['fashion-mnist', 'mnist']) {
    it(`of ${name} are disjoint and cover the training file`, async () => {
      const text = await readFile(new URL(`${name}/splits.json`, models), 'utf8');
      const { train, validation, calibration } = splits.parse(JSON.parse(text)).indices;
      assert.deepEqual([train?.length, validation?.length, calibration?.length], [47_000, 5_000, 8_000]);
      assert.equal(new Set([...train!, ...validation!, ...calibration!]).size, 60_000);
    });
  }
});
