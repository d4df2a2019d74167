import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classDistance, fitClassGaussian } from '../../../src/numerics/familiarity/gaussian.ts';
import { createUniform, fillStandardNormal } from '../../../src/numerics/random.ts';

/** n rows of three normal numbers: x, 0.8 x + 0.6 y, and y scaled and moved. */
function correlated(n: number, seed: number, move = 0): Float64Array {
  const normal = new Float32Array(2 * n);
  fillStandardNormal(normal, createUniform(Uint32Array.of(seed, 2, 3, 4)));
  const rows = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y] = [normal[2 * i]!, normal[2 * i + 1]!];
    rows.set([x + move, 0.8 * x + 0.6 * y + move, 100 + 7 * y], 3 * i);
  }
  return rows;
}

const row = (rows: Float64Array, i: number): Float64Array => rows.subarray(3 * i, 3 * i + 3);

function meanDistance(
  gaussian: ReturnType<typeof fitClassGaussian>,
  rows: Float64Array,
  label: number,
): number {
  const n = rows.length / 3;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += classDistance(gaussian, row(rows, i), label).squared;
  return sum / n;
}

describe('a Gaussian by class', () => {
  it('gives images like those it learned from a squared distance of their degrees of freedom', () => {
    // Three numbers of two: the third direction has no variance but what shrinkage adds, and no distance.
    const gaussian = fitClassGaussian(correlated(4000, 1), 3, new Array<number>(4000).fill(0));
    const mean = meanDistance(gaussian, correlated(4000, 9), 0);
    // The mean of 4,000 draws of χ²(2) has a standard error of 0.03; shrinkage takes a little.
    assert.ok(Math.abs(mean - 2) < 0.15, `got ${mean}`);
  });

  it('finds what breaks a correlation far, where each number alone is ordinary', () => {
    const gaussian = fitClassGaussian(correlated(4000, 1), 3, new Array<number>(4000).fill(0));
    const ordinary = classDistance(gaussian, Float64Array.of(1, 0.8, 100), 0).squared;
    const odd = classDistance(gaussian, Float64Array.of(1, -0.8, 100), 0).squared;
    assert.ok(ordinary < 3, `got ${ordinary}`);
    assert.ok(odd > 100, `got ${odd}`);
  });

  it('judges by the predicted class, and by the rest where a class has too few images', () => {
    const values = new Float64Array(3 * 1010);
    values.set(correlated(500, 1, -4));
    values.set(correlated(500, 2, 4), 3 * 500);
    values.set(correlated(10, 3, 0), 3 * 1000);
    const predicted = [
      ...new Array<number>(500).fill(2),
      ...new Array<number>(500).fill(5),
      ...new Array<number>(10).fill(7),
    ];
    const gaussian = fitClassGaussian(values, 3, predicted);
    assert.deepEqual(gaussian.classes, [2, 5]);
    const one = row(correlated(10, 8, 4), 0);
    assert.ok(classDistance(gaussian, one, 5).squared < 15);
    assert.ok(classDistance(gaussian, one, 2).squared > 50);
    assert.equal(classDistance(gaussian, one, 7).squared, classDistance(gaussian, one, 99).squared);
  });

  it('finds a number strange that never varied', () => {
    const rows = correlated(400, 1);
    for (let i = 0; i < 400; i++) rows[3 * i + 2] = 0;
    const gaussian = fitClassGaussian(rows, 3, new Array<number>(400).fill(0));
    const same = classDistance(gaussian, Float64Array.of(0, 0, 0), 0);
    const other = classDistance(gaussian, Float64Array.of(0, 0, 0.1), 0);
    assert.ok(same.squared < 0.1);
    // A hundred of its least deviations.
    assert.ok(other.squared > 5000 && other.squared < 10_000, `got ${other.squared}`);
    assert.ok(other.differences[2]! > 90);
  });

  it('learns something from fewer images than numbers', () => {
    const n = 20;
    const size = 40;
    const noise = new Float32Array(n * size);
    fillStandardNormal(noise, createUniform(Uint32Array.of(6, 6, 6, 6)));
    const gaussian = fitClassGaussian(Float64Array.from(noise), size, new Array<number>(n).fill(0));
    const inside = classDistance(gaussian, new Float64Array(size), 0).squared;
    const outside = classDistance(gaussian, new Float64Array(size).fill(5), 0).squared;
    assert.ok(Number.isFinite(inside) && outside > 20 * inside);
  });

  it('is the same bits for the same images', () => {
    const predicted = Array.from({ length: 300 }, (_, i) => i % 3);
    const learn = (): unknown => fitClassGaussian(correlated(300, 4), 3, predicted);
    assert.deepEqual(learn(), learn());
  });

  it('is not a number of what is none, and learns from nothing such', () => {
    const gaussian = fitClassGaussian(correlated(100, 1), 3, new Array<number>(100).fill(0));
    assert.ok(Number.isNaN(classDistance(gaussian, Float64Array.of(0, NaN, 0), 0).squared));
    assert.throws(() => fitClassGaussian(Float64Array.of(1, NaN), 1, [0, 0]), RangeError);
    assert.throws(() => fitClassGaussian(Float64Array.of(1), 1, [0]), RangeError);
  });
});
