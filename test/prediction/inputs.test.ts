import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { createDecode, type Decoded } from '../../src/model/decode.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import type { Answer } from '../../src/prediction/answer.ts';
import { countSlow } from '../../src/prediction/inputs.ts';
import type { Predictor } from '../../src/prediction/predictor.ts';
import { deepPng } from '../../support/deep-png.ts';
import { gateFor } from './gate-for.ts';
import { grayImage } from './gray-image.ts';
import { linearSoftmaxModel } from './linear-softmax.ts';
import { answersTo, predictorOver } from './predictor-over.ts';

const model = await linearSoftmaxModel({
  ...{ height: 1, width: 3, labels: ['a', 'b'], bias: [0, 0.5] },
  weights: [1, -1, 2, -1, 1, 0.5],
});
const image = await grayImage(3, [10, 200, 90]);
const { pixels } = await createDecode(model.manifest, 1000)(image);
const tensor = createPreprocess(model.manifest)(pixels).values;
const strict = gateFor(model, { threshold: 1e-9 });

async function answerToTensor(predictor: Predictor, values: Float32Array): Promise<Answer> {
  const inputs = { kind: 'tensors', tensors: [values] } as const;
  const { answers } = await predictor.decide({ inputs, caller: 'test', key: null, options: {} });
  return answers[0]!;
}

describe('a tensor that preprocessing made of an image', () => {
  it('has the very answer of the image, and its pixels are kept for people', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: strict });
    const [ofImage] = await answersTo(predictor, [image]);
    const ofTensor = await answerToTensor(predictor, tensor);
    const itself = ({ review, ...answer }: Answer) => ({
      ...answer,
      id: '',
      timing: null,
      state: review?.state,
    });
    assert.deepEqual(itself(ofTensor), itself(ofImage!));
    const kept = (await store.images.get(ofTensor.id))!;
    assert.equal(kept.contentType, 'image/png');
    assert.deepEqual((await createDecode(model.manifest, 1000)(kept.bytes)).pixels, pixels);
    const records = await Promise.all([ofImage!.id, ofTensor.id].map((id) => store.records.find(id)));
    assert.equal(records[0]!.prediction.inputHash, records[1]!.prediction.inputHash);
  });

  it('is still those pixels where a client computed it with other rounding', async (t) => {
    const { predictor } = await predictorOver(t, model, { gate: strict });
    const rounded = tensor.map((value) => Math.fround(value * (1 + 2 ** -22)));
    const answer = await answerToTensor(predictor, rounded);
    assert.deepEqual(answer.sensitivity, (await answerToTensor(predictor, tensor)).sensitivity);
  });
});

describe('any other tensor', () => {
  it('is measured as it is, along directions of its own', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: strict });
    // Half-way between two pixel values.
    const between = tensor.map((value, i) => (i === 0 ? value + 0.5 / 255 : value));
    const answer = await answerToTensor(predictor, between);
    const ofPixels = await answerToTensor(predictor, tensor);
    assert.notEqual(answer.prediction!.probability, ofPixels.prediction!.probability);
    assert.deepEqual(answer, { ...answer, timing: answer.timing });
    const again = await answerToTensor(predictor, between);
    assert.deepEqual(again.sensitivity, answer.sensitivity);
    assert.equal((await store.images.get(answer.id))!.contentType, 'image/png');
  });

  it('is refused where it is not D finite numbers, and nothing is recorded', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: strict });
    for (const wrong of [new Float32Array(2), Float32Array.of(0, NaN, 0), Float32Array.of(0, Infinity, 0)]) {
      await assert.rejects(answerToTensor(predictor, wrong), { code: 'unreadable_image', position: 0 });
    }
    const { items } = await store.figures.statistics();
    assert.equal(items.pending, 0);
  });
});

describe('one clock', () => {
  it('leaves nothing to measure where reading has taken the whole deadline', async (t) => {
    const { predictor, engine } = await predictorOver(t, model, { gate: strict });
    const [answer] = await answersTo(predictor, [image], { deadlineMs: 1e-6 });
    assert.deepEqual(answer!.reasons, ['over_budget']);
    assert.equal(engine.open, 0);
  });

  it('keeps the place of images that are still decoded when their request has failed', async (t) => {
    const decoding = Promise.withResolvers<Decoded>();
    const { predictor } = await predictorOver(t, model, {
      gate: strict,
      deadlineMs: 20,
      queueLimit: 1,
      decode: () => decoding.promise,
    });
    const settled: Promise<unknown>[] = [];
    const inputs = { kind: 'images', images: [image] } as const;
    const request = { inputs, caller: 'test', key: null, options: {} };
    const onStillDecoding = (until: Promise<unknown>): unknown => settled.push(until);
    await assert.rejects(predictor.decide({ ...request, onStillDecoding }), /decoded within the deadline/);
    await assert.rejects(predictor.decide(request), /1 is the limit/);
    decoding.resolve({ pixels, damage: null });
    await Promise.all(settled);
    assert.equal(settled.length, 1);
    assert.equal((await predictor.decide(request)).answers.length, 1);
  });

  it('refuses what is not read within the service’s deadline', async (t) => {
    const { predictor, store } = await predictorOver(t, model, {
      ...{ gate: strict, deadlineMs: 20 },
      decode: () => new Promise(() => undefined),
    });
    await assert.rejects(answersTo(predictor, [image]), { code: 'engine_busy' });
    assert.equal((await store.figures.statistics()).items.pending, 0);
  });
});

describe('an image that is slow to decode', () => {
  it('is one of more than a million pixels, and no photograph as models take them', async () => {
    const flat = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: 'gray' } });
    const images = [
      await flat(1200, 900).jpeg().toBuffer(),
      await flat(500, 375).jpeg().toBuffer(),
      deepPng(900, 900),
      image,
      // Refused for its header, at once.
      Buffer.concat([image.subarray(0, 8), Buffer.alloc(1_000_000)]),
    ];
    assert.equal(countSlow({ kind: 'images', images }, model.manifest), 2);
  });
});
