import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { factorise, solve } from '../../src/numerics/regression/cholesky.ts';

describe('factorise', () => {
  it('finds the factor of a matrix made of one', () => {
    // L = [[2, 0, 0], [1, 3, 0], [−1, 2, 1]]; only the lower triangle of L Lᵀ is given.
    const a = Float64Array.of(4, NaN, NaN, 2, 10, NaN, -2, 5, 6);
    assert.equal(factorise(a, 3), -1);
    assert.deepEqual([a[0], a[3], a[4], a[6], a[7], a[8]], [2, 1, 3, -1, 2, 1]);
  });

  it('names the first row that follows from those above', () => {
    assert.equal(factorise(Float64Array.of(1, 2, 2, 4), 2), 1);
    assert.equal(factorise(Float64Array.of(0, 0, 0, 1), 2), 0);
    assert.equal(factorise(Float64Array.of(NaN, 0, 0, 1), 2), 0);
  });
});

describe('solve', () => {
  it('undoes the product with the matrix', () => {
    const factor = Float64Array.of(2, 0, 0, 1, 3, 0, -1, 2, 1);
    // L Lᵀ (1, −2, 3).
    const b = Float64Array.of(4 - 4 - 6, 2 - 20 + 15, -2 - 10 + 18);
    solve(factor, b);
    assert.deepEqual([...b], [1, -2, 3]);
  });
});
