import { placeAmong } from '../../src/gate/queue-order.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { haltEngine, untilOpen } from '../engine/start-engine.ts';
import { gateFor } from './gate-for.ts';
import { grayImage, intensities } from './gray-image.ts';
import { type LinearSoftmax, linearSoftmaxModel, pixelSquares, probabilitiesOf } from './linear-softmax.ts';
import { answersTo, NOON, predictorOver, type Served } from './predictor-over.ts';
import { largest } from '../../src/numerics/extremes.ts';

const form: LinearSoftmax = {
  height: 2,
  width: 2,
  labels: ['a', 'b', 'c'],
  weights: [1, -2, 0.5, 0, 0, 1, 3, -1, -1, 0, 0, 2],
  bias: [0.3, 0, -0.2],
};
const model = await linearSoftmaxModel(form);
const values = [10, 200, 90, 255];
const image = await grayImage(2, values);
const other = await grayImage(2, [255, 0, 0, 9]);
const exactNorm = Math.sqrt(pixelSquares(form, intensities(values)).reduce((sum, square) => sum + square));

/** Float32 logits of size 1, differenced over 2·0.003. */
const EXACT_TOLERANCE = 5e-5;

/** Far enough from the norm for eight directions to tell. */
const lenient = gateFor(model, { threshold: 1000 * exactNorm });
const strict = gateFor(model, { threshold: exactNorm / 1000 });

async function countOf({ store }: Served): Promise<number> {
  const { items } = await store.figures.statistics();
  return items.pending + items.claimed + items.labelled;
}

describe('a prediction that is automatic', () => {
  it('has the label of the most probable class, softmax(Wx + b), and the gate that let it through', async (t) => {
    const { predictor } = await predictorOver(t, model, { gate: lenient });
    const [answer] = await answersTo(predictor, [image], {});
    const p = probabilitiesOf(form, intensities(values));
    const best = p.indexOf(largest(p));
    assert.deepEqual([answer!.decision, answer!.reasons], ['auto', []]);
    assert.equal(answer!.label, form.labels[best]);
    assert.equal(answer!.prediction!.index, best);
    // Logits are float32, of size 1.
    assert.ok(Math.abs(answer!.prediction!.probability - p[best]!) < 1e-6);
    assert.deepEqual(answer!.gate, { id: lenient.id, signal: 'sensitivity', threshold: lenient.threshold });
    assert.deepEqual(answer!.model, { name: 'linear-softmax', digest: model.digest });
    assert.equal(answer!.review, null);
  });

  it('names its classes by falling probability', async (t) => {
    const { predictor } = await predictorOver(t, model, { gate: lenient });
    const [answer] = await answersTo(predictor, [image], {});
    const p = probabilitiesOf(form, intensities(values));
    const sorted = form.labels.toSorted((a, b) => p[form.labels.indexOf(b)]! - p[form.labels.indexOf(a)]!);
    assert.deepEqual(
      answer!.prediction!.top.map(({ label }) => label),
      sorted,
    );
  });

  it('is recorded without its image, as it was answered but for how long it took', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: lenient });
    const [answer] = await answersTo(predictor, [image], {});
    assert.ok(answer!.timing);
    assert.deepEqual(await predictor.find('id-1'), { ...answer!, timing: null });
    const { prediction } = (await store.records.find('id-1'))!;
    assert.deepEqual(
      [prediction.createdMs, prediction.modelDigest, prediction.gateId],
      [NOON, model.digest, lenient.id],
    );
    assert.equal(await store.images.get('id-1'), null);
  });
});

describe('a prediction that is sensitive', () => {
  it('waits for a person, with its image, in the order of its place among calibration’s', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: strict });
    const [answer] = await answersTo(predictor, [image], {});
    assert.deepEqual([answer!.decision, answer!.reasons, answer!.label], ['review', ['sensitive'], null]);
    assert.deepEqual(answer!.review, { id: answer!.id, state: 'pending', labelledBy: null });
    const { prediction } = (await store.records.find('id-1'))!;
    assert.equal(prediction.priority, placeAmong([], answer!.sensitivity!.value));
    assert.equal(prediction.predictedLabel, answer!.prediction!.label);
    assert.deepEqual(await store.images.get('id-1'), { bytes: image, contentType: 'image/png' });
  });

  it('has the person’s label once there is one', async (t) => {
    const { predictor, store } = await predictorOver(t, model, { gate: strict });
    await answersTo(predictor, [image], {});
    const [claim] = await store.reviewing.claim({
      reviewer: 'ada',
      modelDigest: model.digest,
      limit: 1,
      leaseMs: 60_000,
    });
    assert.equal((await predictor.find('id-1'))!.review!.state, 'claimed');
    await store.reviewing.label('id-1', claim!.lease, { label: 'c', reviewer: 'ada', note: null });
    const answer = (await predictor.find('id-1'))!;
    assert.equal(answer.label, 'c');
    assert.deepEqual(answer.review, { id: 'id-1', state: 'labelled', labelledBy: 'ada' });
  });
});

describe('the exact method', () => {
  it('gives ‖S(p)W‖_F and leaves the decision to what the gate was calibrated for', async (t) => {
    const { predictor, told } = await predictorOver(t, model, { gate: lenient });
    const [estimated] = await answersTo(predictor, [image], {});
    const [exact] = await answersTo(predictor, [image], { method: 'exact' });
    assert.ok(Math.abs(exact!.sensitivity!.value / exactNorm - 1) < EXACT_TOLERANCE);
    assert.equal(exact!.sensitivity!.method, 'exact');
    assert.equal(exact!.sensitivity!.interval, null);
    assert.deepEqual(exact!.signals, estimated!.signals);
    // The base pass and eight directions; then as much again, with two passes a pixel after a base pass.
    assert.deepEqual(
      told.map(({ passes }) => passes),
      [9, 9 + 9],
    );
  });

  it('is refused where it would take too many passes', async (t) => {
    const large = await linearSoftmaxModel({
      ...{ height: 1, width: 4097, labels: ['a', 'b'], bias: [0, 0] },
      weights: Array<number>(2 * 4097).fill(0.01),
    });
    const served = await predictorOver(t, large);
    await assert.rejects(answersTo(served.predictor, [image], { method: 'exact' }), {
      code: 'input_too_large_for_exact',
      message: /8195 forward passes; the limit is 4096 inputs/,
    });
    assert.equal(await countOf(served), 0);
  });

  it('counts as two measurements of what the queue takes', async (t) => {
    const served = await predictorOver(t, model, { queueLimit: 1 });
    await assert.rejects(answersTo(served.predictor, [image], { method: 'exact' }), {
      code: 'request_exceeds_queue',
    });
    assert.equal((await answersTo(served.predictor, [image], {})).length, 1);
  });
});

describe('without a gate', () => {
  it('every input is measured and goes to review as uncalibrated', async (t) => {
    const { predictor } = await predictorOver(t, model);
    const [answer] = await answersTo(predictor, [image], {});
    assert.deepEqual([answer!.decision, answer!.reasons, answer!.gate], ['review', ['uncalibrated'], null]);
    assert.equal(answer!.label, null);
    assert.equal(answer!.sensitivity!.probes, 8);
  });
});

describe('what cannot be measured', () => {
  const cases = [
    ['NaN logits', { ...form, bias: [NaN, 0, 0] }],
    ['logits that no direction moves', { ...form, weights: form.weights.map(() => 0) }],
  ] as const;
  for (const [what, unmeasurable] of cases) {
    it(`goes to review behind what was measured: ${what}`, async (t) => {
      const served = await linearSoftmaxModel(unmeasurable);
      const gate = gateFor(served, { threshold: 1e9 });
      const { predictor, store, told } = await predictorOver(t, served, { gate });
      const [answer] = await answersTo(predictor, [image], {});
      assert.deepEqual([answer!.decision, answer!.reasons], ['review', ['not_measurable']]);
      assert.deepEqual([answer!.label, answer!.prediction, answer!.sensitivity], [null, null, null]);
      assert.deepEqual(answer!.signals, {});
      const { prediction } = (await store.records.find('id-1'))!;
      assert.equal(prediction.priority, -Number.MAX_VALUE);
      assert.ok(await store.images.get('id-1'));
      assert.equal(told[0]!.passes, 0);
    });
  }

  it('because the engine ended goes to review as well', async (t) => {
    const { predictor, engine } = await predictorOver(t, model, { gate: lenient, engine: {} });
    await haltEngine(engine);
    const answers = answersTo(predictor, [image], {});
    await untilOpen(engine, 1);
    engine.close();
    const [answer] = await answers;
    assert.deepEqual([answer!.decision, answer!.reasons], ['review', ['not_measurable']]);
  });
});

describe('what is not measured in time', () => {
  for (const [whose, deadlineMs, options] of [
    ['the request', 60_000, { deadlineMs: 20 }],
    // Of the service's own the image is to be decoded within it, on a busy machine too.
    ['the service', 1000, {}],
  ] as const) {
    it(`goes to review as over budget, by the deadline of ${whose}`, async (t) => {
      const { predictor, engine, store } = await predictorOver(t, model, {
        gate: lenient,
        deadlineMs,
        engine: {},
      });
      await haltEngine(engine);
      const [answer] = await answersTo(predictor, [image], options);
      assert.deepEqual([answer!.decision, answer!.reasons], ['review', ['over_budget']]);
      assert.deepEqual([answer!.label, answer!.sensitivity], [null, null]);
      const { prediction } = (await store.records.find('id-1'))!;
      assert.equal(prediction.priority, -Number.MAX_VALUE);
    });
  }

  it('is claimed behind what is sensitive, though it came first', async (t) => {
    const { predictor, engine, store } = await predictorOver(t, model, {
      gate: gateFor(model, { threshold: exactNorm / 100 }),
      engine: {},
    });
    const goOn = await haltEngine(engine);
    const [late] = await answersTo(predictor, [image], { deadlineMs: 20 });
    goOn();
    const [sensitive] = await answersTo(predictor, [image], {});
    assert.deepEqual([late!.reasons, sensitive!.reasons], [['over_budget'], ['sensitive']]);
    const claims = await store.reviewing.claim({
      ...{ reviewer: 'ada', modelDigest: model.digest, limit: 2, leaseMs: 60_000 },
    });
    assert.deepEqual(
      claims.map(({ prediction }) => prediction.id),
      [sensitive!.id, late!.id],
    );
  });

  it('is both over budget and uncalibrated where there is no gate', async (t) => {
    const { predictor, engine } = await predictorOver(t, model, { engine: {} });
    await haltEngine(engine);
    const [answer] = await answersTo(predictor, [image], { deadlineMs: 20 });
    assert.deepEqual(answer!.reasons, ['uncalibrated', 'over_budget']);
  });

  it('is what all directions leave undecided, too, and shows what they tell', async (t) => {
    // At the very norm one direction cannot tell.
    const gate = gateFor(model, { threshold: exactNorm, measurement: { ...DEFAULT_PLAN, looks: [1] } });
    const { predictor } = await predictorOver(t, model, { gate });
    const [answer] = await answersTo(predictor, [image], {});
    assert.deepEqual([answer!.decision, answer!.reasons], ['review', ['over_budget']]);
    const [low, high] = answer!.sensitivity!.interval!;
    assert.ok(low < exactNorm && exactNorm < high);
  });
});

describe('several images', () => {
  it('are answered in their order', async (t) => {
    const { predictor } = await predictorOver(t, model, { gate: lenient });
    const [alone] = await answersTo(predictor, [other], {});
    const answers = await answersTo(predictor, [image, other, image], {});
    assert.deepEqual(answers[1]!.prediction, alone!.prediction);
    assert.deepEqual(answers[2]!.prediction, answers[0]!.prediction);
    assert.notDeepEqual(answers[0]!.prediction, answers[1]!.prediction);
  });

  it('leave nothing behind where one is no image, and the error names which', async (t) => {
    const served = await predictorOver(t, model);
    await assert.rejects(answersTo(served.predictor, [image, Buffer.alloc(9, 7)], {}), {
      code: 'unsupported_image_type',
      position: 1,
    });
    assert.equal(await countOf(served), 0);
    assert.deepEqual(served.told, []);
  });

  it('are measured all or none', async (t) => {
    const served = await predictorOver(t, model, { queueLimit: 2, engine: {} });
    const goOn = await haltEngine(served.engine);
    const first = answersTo(served.predictor, [image], {});
    await untilOpen(served.engine, 1);
    await assert.rejects(answersTo(served.predictor, [image, other], {}), { code: 'engine_busy' });
    goOn();
    assert.equal((await first).length, 1);
    assert.equal(await countOf(served), 1);
  });
});

describe('the same picture', () => {
  it('has the same answer from another file format', async (t) => {
    const { predictor } = await predictorOver(t, model);
    const webp = await sharp(image).webp({ lossless: true }).toBuffer();
    const [first, second] = await answersTo(predictor, [image, webp], {});
    assert.deepEqual(second!.sensitivity, first!.sensitivity);
    assert.deepEqual(second!.signals, first!.signals);
  });

  it('is probed along other directions under another model', async (t) => {
    const renamed = await linearSoftmaxModel({ ...form, name: 'another' });
    const [first] = await answersTo((await predictorOver(t, model)).predictor, [image], {});
    const [second] = await answersTo((await predictorOver(t, renamed)).predictor, [image], {});
    assert.deepEqual(second!.prediction, first!.prediction);
    assert.notEqual(second!.sensitivity!.value, first!.sensitivity!.value);
  });
});

describe('an id that nobody has given', () => {
  it('finds nothing', async (t) => {
    const { predictor } = await predictorOver(t, model);
    assert.equal(await predictor.find('id-1'), null);
  });
});
