import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  acceptableErrors,
  binomialTail,
  clopperPearson,
  lowerBound,
  upperBound,
  zeroErrorMinimum,
} from '../../src/numerics/risk/clopper-pearson.ts';

/** Σ_{k ≤ e} (n over k) r^k (1−r)^(n−k), term by term: nothing of the incomplete beta function. */
function summedTail(errors: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= errors; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate / (1 - rate));
    sum += Math.exp(logTerm);
  }
  return sum;
}

/** Of the sum's own rounding: a few thousand additions to a logarithm of a few hundred. */
const SUMMATION = 1e-10;
/** Of a quantile, put back into its distribution function: its relative error 1e-15, times the counts. */
const ROUND_TRIP = 1e-9;

const counts = [
  [0, 1],
  [0, 59],
  [1, 10],
  [5, 10],
  [9, 10],
  [3, 200],
  [12, 1000],
  [48, 1000],
  [400, 10_000],
  [999, 1000],
] as const;

describe('binomialTail', () => {
  // As printed in common tables, to four decimals.
  for (const { errors, trials, rate, printed } of [
    { errors: 2, trials: 10, rate: 0.2, printed: 0.6778 },
    { errors: 5, trials: 20, rate: 0.25, printed: 0.6172 },
    { errors: 0, trials: 5, rate: 0.1, printed: 0.5905 },
  ]) {
    it(`is ${printed} for ${errors} of ${trials} at ${rate}, as tables have it`, () => {
      assert.equal(binomialTail(errors, trials, rate).toFixed(4), printed.toFixed(4));
    });
  }

  it('is the sum of the probabilities of as few errors', () => {
    for (const [errors, trials] of counts) {
      for (const rate of [0.003, 0.01, 0.05, 0.5]) {
        const summed = summedTail(errors, trials, rate);
        // Below, the sum itself is lost in underflow.
        if (summed < 1e-250) continue;
        assert.ok(
          Math.abs(binomialTail(errors, trials, rate) / summed - 1) < SUMMATION,
          `${errors} of ${trials}`,
        );
      }
    }
  });

  it('is 1 where every trial was an error, and where there was none', () => {
    assert.equal(binomialTail(7, 7, 0.01), 1);
    assert.equal(binomialTail(0, 0, 0.01), 1);
  });
});

describe('upperBound', () => {
  it('is 1 − δ^(1/n) without an error', () => {
    for (const trials of [1, 20, 59, 299, 5000]) {
      const closed = -Math.expm1(Math.log(0.05) / trials);
      assert.ok(Math.abs(upperBound(0, trials, 0.05) / closed - 1) < 1e-12, `${trials} trials`);
    }
  });

  it('is the rate at which as few errors have probability δ', () => {
    for (const [errors, trials] of counts) {
      for (const delta of [0.001, 0.05, 0.5]) {
        const at = binomialTail(errors, trials, upperBound(errors, trials, delta));
        assert.ok(Math.abs(at / delta - 1) < ROUND_TRIP, `${errors} of ${trials} at ${delta}`);
      }
    }
  });

  it('knows nothing of a rate where all were errors, or none was tried', () => {
    assert.equal(upperBound(7, 7, 0.05), 1);
    assert.equal(upperBound(0, 0, 0.05), 1);
  });

  it('agrees with bisection in thirty digits', () => {
    for (const [errors, trials, delta, bound] of [
      [3, 200, 0.05, 0.03830970849856935],
      [12, 1000, 0.05, 0.01937019928505925],
      [48, 1000, 0.01, 0.0661091375384155],
      [400, 10_000, 0.001, 0.04641986771211212],
    ] as const) {
      assert.ok(Math.abs(upperBound(errors, trials, delta) / bound - 1) < 1e-12);
    }
  });
});

describe('lowerBound', () => {
  it('mirrors the upper bound of the successes', () => {
    for (const [errors, trials] of counts) {
      const mirrored = 1 - upperBound(trials - errors, trials, 0.05);
      // Of a difference from 1, in which a rate loses digits.
      assert.ok(Math.abs(lowerBound(errors, trials, 0.05) - mirrored) < 1e-12, `${errors} of ${trials}`);
    }
  });

  it('is 0 without an error', () => {
    assert.equal(lowerBound(0, 7, 0.05), 0);
  });
});

describe('clopperPearson', () => {
  // 95% intervals as printed: tables for small n, and Conover's peas, the example of R's binom.test.
  for (const [errors, trials, low, high] of [
    [0, 10, 0, 0.3085],
    [1, 10, 0.0025, 0.445],
    [5, 10, 0.1871, 0.8129],
    [10, 10, 0.6915, 1],
    [3, 20, 0.0321, 0.3789],
    [10, 100, 0.049, 0.1762],
    [682, 925, 0.7077, 0.7654],
  ] as const) {
    it(`is ${low} to ${high} for ${errors} of ${trials}, as published`, () => {
      const [lower, upper] = clopperPearson(errors, trials, 0.05);
      assert.equal(lower.toFixed(4), low.toFixed(4));
      assert.equal(upper.toFixed(4), high.toFixed(4));
    });
  }

  it('refuses counts that are none', () => {
    for (const [errors, trials] of [
      [3, 2],
      [-1, 2],
      [0.5, 2],
      [NaN, 2],
    ] as const) {
      assert.throws(() => clopperPearson(errors, trials, 0.05), /0 ≤ errors ≤ trials/);
    }
  });

  it('refuses a probability that is none', () => {
    assert.throws(() => upperBound(1, 2, 0), /0 < delta < 1/);
    assert.throws(() => lowerBound(1, 2, 1), /0 < delta < 1/);
  });
});

describe('zeroErrorMinimum', () => {
  for (const [risk, delta, minimum] of [
    [0.05, 0.05, 59],
    [0.01, 0.05, 299],
    [0.02, 0.05, 149],
    [0.001, 0.05, 2995],
    [0.01, 0.01, 459],
  ] as const) {
    it(`is ${minimum} for a risk of ${risk} at ${delta}: one fewer proves nothing`, () => {
      const target = { risk, delta };
      assert.equal(zeroErrorMinimum(target), minimum);
      assert.equal(acceptableErrors(minimum - 1, target), -1);
      assert.equal(acceptableErrors(minimum, target), 0);
    });
  }
});

describe('acceptableErrors', () => {
  it('is the most errors whose bound keeps the risk', () => {
    for (const target of [
      { risk: 0.01, delta: 0.05 },
      { risk: 0.05, delta: 0.1 },
      { risk: 0.5, delta: 0.6 },
    ]) {
      for (const trials of [1, 10, 300, 473, 474, 4000]) {
        const most = acceptableErrors(trials, target);
        if (most >= 0) assert.ok(upperBound(most, trials, target.delta) <= target.risk);
        if (most + 1 < trials) assert.ok(upperBound(most + 1, trials, target.delta) > target.risk);
      }
    }
  });

  it('accepts one error among 473 at 1% and 5%, not among 472', () => {
    const target = { risk: 0.01, delta: 0.05 };
    assert.deepEqual(
      [472, 473].map((trials) => acceptableErrors(trials, target)),
      [0, 1],
    );
  });
});
