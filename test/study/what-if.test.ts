import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { thresholdsAtCoverage, whatIf } from '../../src/study/evaluation/what-if.ts';
import type { LabelledImage } from '../../src/numerics/risk/selective-risk.ts';

const image = (score: number, wrong = false, eligible = true): LabelledImage => ({ score, wrong, eligible });
const terms = { delta: 0.05, secondsPerLabel: 36 };

describe('whatIf', () => {
  it('counts what each threshold accepts, and the hours of the rest', () => {
    const images = [image(1), image(2), image(2, true), image(3, false, false)];
    const [none, two] = whatIf(images, [0, 2], terms);
    assert.deepEqual(none, {
      threshold: 0,
      accepted: 0,
      errors: 0,
      review_rate: 1,
      risk: null,
      bound: 1,
      reviewer_hours: 0.04, // four labels of 36 seconds
    });
    assert.deepEqual([two!.accepted, two!.errors, two!.review_rate, two!.risk], [3, 1, 0.25, 1 / 3]);
    assert.equal(two!.reviewer_hours, 0.01);
  });

  it('bounds no error among 59 by 5% at 95%, as published', () => {
    const [all] = whatIf(Array<LabelledImage>(59).fill(image(1)), [1], terms);
    // 1 − 0.05^(1/59) = 0.04951…
    assert.ok(Math.abs(all!.bound - 0.0495) < 5e-5, `${all!.bound}`);
  });
});

describe('thresholdsAtCoverage', () => {
  it('gives the scores at which those shares are accepted', () => {
    const images = [4, 3, 2, 1].map((score) => image(score));
    assert.deepEqual(thresholdsAtCoverage(images, [0.25, 0.5, 1]), [1, 2, 4]);
  });

  it('gives a threshold once where scores are equal', () => {
    assert.deepEqual(
      thresholdsAtCoverage(
        [1, 1, 1, 2].map((score) => image(score)),
        [0.25, 0.5, 0.75],
      ),
      [1],
    );
  });

  it('gives none for shares that no threshold can accept', () => {
    assert.deepEqual(
      thresholdsAtCoverage([image(1), image(Infinity), image(2, false, false)], [0.3, 0.7]),
      [1],
    );
  });
});
