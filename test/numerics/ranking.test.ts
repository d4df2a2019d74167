import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rankByScore, riskCoverage } from '../../src/numerics/ranking/ranking.ts';

describe('rankByScore', () => {
  it('sorts by rising score and groups equal ones', () => {
    const ranking = rankByScore([0.3, 0.1, 0.3, 0.2], [true, false, false, true]);
    assert.deepEqual([...ranking.order], [1, 3, 0, 2]);
    assert.deepEqual([...ranking.wrong], [0, 1, 1, 0]);
    assert.deepEqual([...ranking.groupEnds], [1, 2, 4]);
    assert.deepEqual([...ranking.scores], [0.1, 0.2, 0.3]);
  });

  it('ranks infinite scores, and takes −0 for 0', () => {
    const { order, groupEnds } = rankByScore([Infinity, 0, -Infinity, -0, Infinity], Array(5).fill(false));
    assert.deepEqual([...order], [2, 1, 3, 0, 4]);
    assert.deepEqual([...groupEnds], [1, 3, 5]);
  });

  it('refuses a score that is not a number, naming the image', () => {
    assert.throws(() => rankByScore([1, NaN], [true, true]), /image 1/);
  });

  it('refuses no images, and labels for other ones', () => {
    assert.throws(() => rankByScore([], []), RangeError);
    assert.throws(() => rankByScore([1, 2], [true]), /2 scores and 1 labels/);
  });
});

describe('riskCoverage', () => {
  it('has a point where a threshold can lie, and none inside a group of equal scores', () => {
    const points = riskCoverage(rankByScore([1, 2, 2, 4], [false, true, false, true]));
    assert.deepEqual(points, [
      { threshold: 1, accepted: 1, errors: 0, coverage: 0.25, risk: 0 },
      { threshold: 2, accepted: 3, errors: 1, coverage: 0.75, risk: 1 / 3 },
      { threshold: 4, accepted: 4, errors: 2, coverage: 1, risk: 0.5 },
    ]);
  });
});
