import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedAt, accepts } from '../../src/numerics/risk/selective-risk.ts';

describe('accepts', () => {
  it('takes eligible images up to and including the threshold', () => {
    const image = { score: 2, eligible: true, wrong: false };
    assert.equal(accepts(2, image), true);
    assert.equal(accepts(1.9, image), false);
    assert.equal(accepts(2, { ...image, eligible: false }), false);
  });

  it('never takes an image without a score', () => {
    assert.equal(accepts(Infinity, { score: NaN, eligible: true, wrong: false }), false);
  });
});

describe('acceptedAt', () => {
  const images = [
    { score: 3, eligible: true, wrong: true },
    { score: 1, eligible: true, wrong: false },
    { score: 2, eligible: false, wrong: true },
    { score: NaN, eligible: true, wrong: true },
    { score: 2, eligible: true, wrong: true },
    { score: 2, eligible: true, wrong: false },
    { score: -Infinity, eligible: true, wrong: false },
  ];

  it('counts what is accepted and what of it is wrong, equal scores together', () => {
    assert.deepEqual(acceptedAt(images, [0, 1, 1.5, 2, 9]), [
      { accepted: 1, errors: 0 },
      { accepted: 2, errors: 0 },
      { accepted: 2, errors: 0 },
      { accepted: 4, errors: 1 },
      { accepted: 5, errors: 2 },
    ]);
  });

  it('agrees with asking every image at every threshold', () => {
    const thresholds = [-5, 0, 1, 2, 2.5, 3, Infinity];
    assert.deepEqual(
      acceptedAt(images, thresholds),
      thresholds.map((threshold) => {
        const taken = images.filter((image) => accepts(threshold, image));
        return { accepted: taken.length, errors: taken.filter(({ wrong }) => wrong).length };
      }),
    );
  });
});
