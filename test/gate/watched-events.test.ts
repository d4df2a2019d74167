import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { referenceSchema } from '../../src/gate/reference.ts';
import { eventsOf, happenedWith } from '../../src/gate/watched-events.ts';
import { referenceOf } from '../../src/study/calibration/reference.ts';

const images = Array.from({ length: 100 }, (_, i) => ({
  unfamiliar: i < 3,
  signals: { confidence: i / 100, ...(i % 2 === 0 ? { agreement: i } : {}) },
  predicted: i % 3,
}));

describe('referenceOf', () => {
  const reference = referenceOf(images, ['confidence', 'agreement', 'confidence', 'margin'], 4);

  it('counts what is unfamiliar and what is predicted', () => {
    assert.equal(reference.images, 100);
    assert.equal(reference.unfamiliar, 3);
    assert.deepEqual(reference.labels, [34, 33, 33, 0]);
    assert.deepEqual(referenceSchema.parse(reference), reference);
  });

  it('has cuts beyond which as many of its own images lie as it says, of each signal that there is', () => {
    assert.equal(reference.tails.length, 12);
    for (const { signal, side, cut, beyond } of reference.tails) {
      const what = { kind: 'signal' as const, signal, side, cut };
      assert.equal(images.filter((image) => happenedWith(image, what)).length, beyond);
    }
    assert.deepEqual(
      reference.tails.map(({ beyond }) => beyond),
      [2, 2, 10, 10, 30, 30, 1, 1, 5, 5, 15, 15],
    );
  });

  it('says of no familiarity that there is none', () => {
    const without = referenceOf([{ ...images[0]!, unfamiliar: null }, images[1]!], [], 4);
    assert.equal(without.unfamiliar, null);
    assert.ok(eventsOf(without).every(({ what }) => what.kind === 'label'));
  });
});

describe('eventsOf', () => {
  it('shares the whole error among what there is', () => {
    for (const reference of [
      referenceOf(images, ['confidence'], 4),
      referenceOf(images, [], 4),
      referenceOf([{ ...images[0]!, unfamiliar: null }], ['confidence'], 4),
    ]) {
      const all = eventsOf(reference).reduce((sum, { weight }) => sum + weight, 0);
      assert.ok(Math.abs(all - 1) < 1e-12, `${all}`);
    }
  });

  it('watches the most frequent of many labels, each with no more than its part among all', () => {
    const labels = Array.from({ length: 1000 }, (_, i) => i);
    const events = eventsOf({ images: 5000, unfamiliar: null, tails: [], labels });
    assert.equal(events.length, 64);
    assert.deepEqual(
      events.map(({ beyond }) => beyond),
      labels.slice(-64).reverse(),
    );
    assert.ok(events.every(({ weight }) => weight === 1 / 1000));
  });

  it('takes a signal that was not measured for one that lies beyond no cut', () => {
    const image = { unfamiliar: false, signals: {}, predicted: 0 };
    for (const side of ['above', 'below'] as const)
      assert.equal(happenedWith(image, { kind: 'signal', signal: 'confidence', side, cut: 0 }), false);
  });
});
