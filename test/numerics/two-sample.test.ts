import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import {
  histogramKolmogorovSmirnov,
  kolmogorovPValue,
  kolmogorovSmirnov,
  populationStabilityIndex,
} from '../../src/numerics/risk/two-sample.ts';

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

describe('histogramKolmogorovSmirnov', () => {
  it('is the largest gap at an edge, worked by hand', () => {
    // 0.2, 0.5, 1 against 0.5, 0.6, 1.
    assertClose(histogramKolmogorovSmirnov([2, 3, 5], [10, 2, 8]), 0.3);
  });

  it('is at most the statistic of the samples, and equal to it where a bucket holds one value', () => {
    const uniform = createUniform(Uint32Array.of(6, 2, 8, 3));
    const a = Array.from({ length: 200 }, () => Math.floor(10 * uniform()));
    const b = Array.from({ length: 300 }, () => Math.floor(10 * uniform() ** 1.3));
    const histogram = (sample: readonly number[], width: number): number[] =>
      Array.from(
        { length: 10 / width },
        (_, i) => sample.filter((value) => Math.floor(value / width) === i).length,
      );
    const whole = kolmogorovSmirnov(a, b);
    assertClose(histogramKolmogorovSmirnov(histogram(a, 1), histogram(b, 1)), whole);
    assert.ok(histogramKolmogorovSmirnov(histogram(a, 5), histogram(b, 5)) <= whole);
  });

  it('refuses histograms over other buckets, and empty ones', () => {
    assert.throws(() => histogramKolmogorovSmirnov([1, 2], [1, 2, 3]), RangeError);
    assert.throws(() => histogramKolmogorovSmirnov([0, 0], [1, 2]), RangeError);
    assert.throws(() => histogramKolmogorovSmirnov([3, -1], [1, 2]), RangeError);
  });
});

describe('kolmogorovPValue', () => {
  // Critical values of Kolmogorov's distribution as printed, to three decimals.
  for (const [lambda, p] of [
    [0.828, 0.5],
    [1.224, 0.1],
    [1.358, 0.05],
    [1.628, 0.01],
    [1.949, 0.001],
  ] as const) {
    it(`is ${p} at the published critical value ${lambda}`, () => {
      // n = m = 200: λ is ten times D. A half of the last printed digit moves p by less than 1% of it.
      assert.ok(Math.abs(kolmogorovPValue(lambda / 10, 200, 200) / p - 1) < 0.01);
    });
  }

  it('is 1 where there is no difference, and never rises with it', () => {
    let before = 1;
    for (let d = 0; d <= 1; d += 0.001) {
      const p = kolmogorovPValue(d, 100, 300);
      assert.ok(p >= 0 && p <= before);
      before = p;
    }
    assert.equal(kolmogorovPValue(0, 100, 300), 1);
  });

  it('lies below 5% as often as it says between samples of one distribution', () => {
    const uniform = createUniform(Uint32Array.of(5, 7, 7, 2));
    const runs = 2000;
    let below = 0;
    for (let run = 0; run < runs; run++) {
      const a = Array.from({ length: 200 }, uniform);
      const b = Array.from({ length: 300 }, uniform);
      if (kolmogorovPValue(kolmogorovSmirnov(a, b), 200, 300) <= 0.05) below++;
    }
    // The limit is a little conservative at these sizes: 1%, and four binomial standard errors.
    assert.ok(Math.abs(below / runs - 0.05) < 0.01 + 4 * Math.sqrt(0.0475 / runs), `${below} of ${runs}`);
  });

  it('refuses what is no statistic', () => {
    assert.throws(() => kolmogorovPValue(1.1, 10, 10), RangeError);
    assert.throws(() => kolmogorovPValue(0.1, 0, 10), RangeError);
  });
});

describe('populationStabilityIndex', () => {
  it('is the sum over buckets worked by hand', () => {
    // Shares 1/2, 1/2 against 3/4, 1/4: (1/4) ln(3/2) + (−1/4) ln(1/2) = (1/4) ln 3.
    assertClose(populationStabilityIndex([50, 50], [75, 25]), Math.log(3) / 4);
    // Shares 0.1, 0.2, 0.7 against 0.2, 0.2, 0.6.
    assertClose(
      populationStabilityIndex([10, 20, 70], [20, 20, 60]),
      0.1 * Math.log(2) - 0.1 * Math.log(6 / 7),
    );
  });

  it('is 0 between equal shares, and the same in both directions', () => {
    assert.equal(populationStabilityIndex([1, 2, 3], [10, 20, 30]), 0);
    assertClose(
      populationStabilityIndex([5, 9, 1], [2, 2, 6]),
      populationStabilityIndex([2, 2, 6], [5, 9, 1]),
    );
  });

  it('counts an empty bucket as half an observation, and one that is empty in both not at all', () => {
    const half = (0.5 / 100 - 0.1) * Math.log(0.5 / 10);
    assertClose(populationStabilityIndex([10, 90, 0], [0, 100, 0]), half + 0.1 * Math.log(10 / 9));
  });

  it('is about (buckets − 1)(1/n + 1/m) between samples of one distribution', () => {
    const uniform = createUniform(Uint32Array.of(1, 6, 1, 8));
    const buckets = 10;
    const draw = (n: number): number[] => {
      const counts = Array<number>(buckets).fill(0);
      for (let i = 0; i < n; i++) counts[Math.floor(buckets * uniform())]!++;
      return counts;
    };
    const runs = 2000;
    let sum = 0;
    for (let run = 0; run < runs; run++) sum += populationStabilityIndex(draw(1000), draw(500)) / runs;
    const expected = 9 * (1 / 1000 + 1 / 500);
    // χ²_9 has relative SD √(2/9): five standard errors of the mean, and 3% for counts that are not quite normal.
    assert.ok(Math.abs(sum / expected - 1) < 0.03 + 5 * Math.sqrt(2 / 9 / runs), `${sum / expected}`);
  });

  it('refuses histograms over other buckets', () => {
    assert.throws(() => populationStabilityIndex([1], [1, 2]), RangeError);
  });
});
