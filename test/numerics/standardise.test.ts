import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { standardise } from '../../src/numerics/regression/standardise.ts';

describe('standardise', () => {
  it('gives each column mean 0 and deviation 1 by weight', () => {
    // Weights 1, 1, 2: means 3 and 25; variances 3 and 75.
    const { values, means, deviations } = standardise(
      Float64Array.of(1, 10, 5, 30, 3, 30),
      Float64Array.of(1, 1, 2),
    );
    assert.deepEqual(means, [3, 25]);
    assert.deepEqual(deviations, [Math.sqrt(2), Math.sqrt(75)]);
    assert.equal(values[0], -2 / Math.sqrt(2));
    assert.equal(values[5], 5 / Math.sqrt(75));
  });

  it('makes a column that never varies 0, whatever rounding makes of its mean', () => {
    const { values, means, deviations } = standardise(
      Float64Array.of(0.1, 0.1, 0.1),
      Float64Array.of(1, 1, 1),
    );
    assert.deepEqual([...values], [0, 0, 0]);
    assert.deepEqual([means, deviations], [[0.1], [1]]);
  });

  it('keeps a small deviation beside a large mean', () => {
    const { deviations } = standardise(
      Float64Array.of(1e9, 1e9 + 1e-3, 1e9 - 1e-3),
      new Float64Array(3).fill(1),
    );
    // A double near 1e9 is a multiple of 1.2e-7.
    assert.ok(Math.abs(deviations[0]! / (1e-3 * Math.sqrt(2 / 3)) - 1) < 1e-3);
  });
});
