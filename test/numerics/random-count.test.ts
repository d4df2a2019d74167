import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meanOverCount } from '../../src/numerics/risk/random-count.ts';

describe('meanOverCount', () => {
  it('has the mean of the count, and nearly its variance', () => {
    assert.equal(
      meanOverCount(1000, 500, 100, (count) => count),
      500,
    );
    // Within a slice the count does not vary, which takes 20% off the variance.
    const variance = meanOverCount(1000, 500, 100, (count) => (count - 500) ** 2);
    assert.ok(Math.abs(variance / 100 ** 2 - 0.77) < 0.01, `${variance}`);
  });

  it('is half of a step at the mean', () => {
    const above = meanOverCount(1000, 499.4, 20, (count) => (count >= 500 ? 1 : 0));
    assert.equal(above, 0.4);
  });

  it('stays between none and all', () => {
    const counts: number[] = [];
    meanOverCount(10, 5, 100, (count) => counts.push(count));
    assert.deepEqual(counts, [0, 0, 5, 10, 10]);
  });
});
