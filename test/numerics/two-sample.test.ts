import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kolmogorovSmirnov } from '../../src/numerics/risk/two-sample.ts';

/** Of a few divisions and logarithms. */
const ROUNDING = 1e-14;

function assertClose(actual: number, expected: number, tolerance = ROUNDING): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);
}

describe('kolmogorovSmirnov', () => {
  it('is the largest gap between the steps, worked by hand', () => {
    // At 2: 2 of 4 against 0 of 3. At 3: 3/4 against 1/3. At 5: 1 against 2/3.
    assertClose(kolmogorovSmirnov([1, 2, 3, 5], [3, 4, 6]), 1 / 2);
    // At 4: 3/4 against 2/3; the gap of 1/2 comes before.
    assertClose(kolmogorovSmirnov([3, 4, 6], [1, 2, 3, 5]), 1 / 2);
  });

  it('is 0 between a sample and itself twice over, and 1 between samples apart', () => {
    assert.equal(kolmogorovSmirnov([1, 2, 2, 3], [3, 3, 2, 2, 2, 2, 1, 1]), 0);
    assert.equal(kolmogorovSmirnov([1, 2], [3]), 1);
  });

  it('steps over equal values together', () => {
    // Half of each at 0 and half at 1: no gap, though no order of the zeros is without one.
    assert.equal(kolmogorovSmirnov([0, 0, 1, 1], [0, 1]), 0);
  });

  it('takes infinite values for the values they are', () => {
    assert.equal(kolmogorovSmirnov([-Infinity, 1, Infinity], [-Infinity, 1, Infinity]), 0);
  });

  it('refuses an empty sample, and one with a NaN', () => {
    assert.throws(() => kolmogorovSmirnov([], [1]), RangeError);
    assert.throws(() => kolmogorovSmirnov([1], [2, NaN, 1]), RangeError);
  });
});
