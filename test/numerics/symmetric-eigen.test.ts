import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { symmetricEigen } from '../../src/numerics/regression/symmetric-eigen.ts';
import { createUniform } from '../../src/numerics/random.ts';

/** A few rounding errors of float64 at numbers near 1. */
const ROUNDING = 1e-12;

describe('symmetricEigen', () => {
  it('takes apart a matrix whose parts are known', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    assert.ok(Math.abs(values[0]! - 3) < ROUNDING && Math.abs(values[1]! - 1) < ROUNDING);
    assert.ok(Math.abs(Math.abs(vectors[0]! + vectors[1]!) - Math.SQRT2) < ROUNDING);
    assert.ok(Math.abs(vectors[2]! + vectors[3]!) < ROUNDING);
  });

  it('puts any symmetric matrix together again', () => {
    const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
    const size = 30;
    const a = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) a[i * size + j] = a[j * size + i] = uniform() - 0.5;
    }
    const { values, vectors } = symmetricEigen(a, size);
    assert.ok(values.every((one, i) => i === 0 || one <= values[i - 1]!));
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = 0;
        let product = 0;
        for (let k = 0; k < size; k++) {
          sum += values[k]! * vectors[k * size + i]! * vectors[k * size + j]!;
          product += vectors[i * size + k]! * vectors[j * size + k]!;
        }
        assert.ok(Math.abs(sum - a[i * size + j]!) < ROUNDING);
        assert.ok(Math.abs(product - (i === j ? 1 : 0)) < ROUNDING);
      }
    }
  });

  it('leaves a diagonal matrix as it is, in descending order', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, 0), 3);
    assert.deepEqual([...values], [5, 1, 0]);
    assert.deepEqual([...vectors], [0, 1, 0, 1, 0, 0, 0, 0, 1]);
  });

  it('refuses what is not finite', () => {
    assert.throws(() => symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2), RangeError);
  });
});
