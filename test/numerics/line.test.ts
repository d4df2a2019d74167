import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitLine } from '../../src/numerics/regression/line.ts';

describe('fitLine', () => {
  it('is the line of least squares: (0,1), (1,2), (2,6) by hand', () => {
    const { intercept, slope, residuals, variance } = fitLine([0, 1, 2], [1, 2, 6]);
    assert.deepEqual([intercept, slope], [0.5, 2.5]);
    assert.deepEqual(residuals, [0.5, -1, 0.5]);
    assert.equal(variance, 0.5);
  });

  it('is level where all x are equal', () => {
    assert.deepEqual(fitLine([3, 3], [1, 2]).slope, 0);
  });
});
