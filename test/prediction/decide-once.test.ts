import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprintOf } from '../../src/prediction/decide-once.ts';
import { haltEngine, untilOpen } from '../engine/start-engine.ts';
import { gateFor } from './gate-for.ts';
import { grayImage } from './gray-image.ts';
import { linearSoftmaxModel } from './linear-softmax.ts';
import { predictorOver } from './predictor-over.ts';

const model = await linearSoftmaxModel({
  ...{ height: 1, width: 2, labels: ['a', 'b'], bias: [0, 0] },
  weights: [1, -1, -1, 1],
});
const gate = gateFor(model, { threshold: 1e9 });
const image = await grayImage(2, [10, 200]);
/** As one request sends them. */
const images = (...files: readonly Uint8Array[]) => ({ kind: 'images', images: files }) as const;

const key = { caller: 'shop', key: 'order-7' };

describe('a keyed request to two replicas at once', () => {
  it('is measured by both, recorded by one, and answered alike', async (t) => {
    const one = await predictorOver(t, model, { gate, engine: {} });
    const two = await predictorOver(t, model, { gate, beside: one });
    const goOn = await haltEngine(one.engine);
    const answers = [one, two].map(({ predictor }) =>
      predictor.decide({ inputs: images(image), options: {}, ...key }),
    );
    // Both have found the key unknown by the time that both measure.
    await untilOpen(one.engine, 2);
    goOn();
    const [first, second] = await Promise.all(answers);
    assert.deepEqual([first!.repeated, second!.repeated].sort(), [false, true]);
    assert.equal(first!.answers[0]!.id, second!.answers[0]!.id);
    // Metrics count what was recorded.
    assert.equal(one.told.length + two.told.length, 1);
  });
});

describe('the fingerprint of a request', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  it('is that of its images in their order and of its options, said or by default', () => {
    const given = fingerprintOf(images(bytes(1), bytes(2)), {});
    assert.equal(fingerprintOf(images(bytes(1), bytes(2)), { method: 'estimate', transforms: false }), given);
    for (const other of [
      fingerprintOf(images(bytes(2), bytes(1)), {}),
      fingerprintOf(images(bytes(1, 2)), {}),
      fingerprintOf(images(bytes(1), bytes(2)), { method: 'exact' }),
      fingerprintOf(images(bytes(1), bytes(2)), { deadlineMs: 5 }),
    ])
      assert.notEqual(other, given);
  });

  it('is not that of one image that looks like two', () => {
    const joined = Buffer.concat([bytes(1), Buffer.from('\n1\n'), bytes(2)]);
    assert.notEqual(fingerprintOf(images(joined), {}), fingerprintOf(images(bytes(1), bytes(2)), {}));
  });
});
