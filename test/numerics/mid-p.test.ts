import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clopperPearson } from '../../src/numerics/risk/clopper-pearson.ts';
import { midPInterval } from '../../src/numerics/risk/mid-p.ts';

/** P(fewer than `errors`) + ½ P(just as many), term by term: nothing of the incomplete beta function. */
function midTail(errors: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = 0;
  for (let k = 0; k < errors; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((trials - k) / (k + 1)) + Math.log(rate / (1 - rate));
  }
  return sum + Math.exp(logTerm) / 2;
}

/** Of forty halvings, times the slope of the tail: some hundreds at these counts. */
const HALVED = 1e-9;

const of = (errors: number, trials: number, weight = 1) => ({ errors, trials, weight });

describe('the mid-p interval', () => {
  it('has half of the missing probability on each side of its ends', () => {
    for (const [errors, trials] of [
      [1, 10],
      [5, 10],
      [3, 200],
      [12, 1000],
      [400, 10_000],
    ] as const) {
      const [low, high] = midPInterval([of(errors, trials)], 0.05);
      assert.ok(Math.abs(midTail(errors, trials, low) - 0.975) < HALVED, `low of ${errors}`);
      assert.ok(Math.abs(midTail(errors, trials, high) - 0.025) < HALVED, `high of ${errors}`);
    }
  });

  it('starts at 0 without an error and ends at 1 with nothing else', () => {
    const [low, high] = midPInterval([of(0, 20)], 0.05);
    // ½ (1 − r)²⁰ = 2.5%
    assert.equal(low, 0);
    assert.ok(Math.abs(high - (1 - 0.05 ** (1 / 20))) < HALVED);
    const [least, most] = midPInterval([of(20, 20)], 0.05);
    assert.ok(Math.abs(least - 0.05 ** (1 / 20)) < HALVED);
    assert.equal(most, 1);
    assert.deepEqual(midPInterval([], 0.05), [0, 1]);
  });

  it('lies within the exact interval', () => {
    for (const errors of [0, 1, 7, 50, 100]) {
      const [low, high] = midPInterval([of(errors, 100)], 0.05);
      const exact = clopperPearson(errors, 100, 0.05);
      assert.ok(low >= exact[0] && high <= exact[1] && high - low < exact[1] - exact[0], `${errors}`);
    }
  });

  it('does not depend on how trials of one weight are split, nor on the unit of weights', () => {
    const [low, high] = midPInterval([of(7, 300)], 0.05);
    for (const counts of [[of(2, 100), of(5, 200)], [of(7, 300, 50)], [of(7, 300), of(0, 0, 20)]]) {
      const [again, more] = midPInterval(counts, 0.05);
      assert.ok(Math.abs(again - low) < HALVED && Math.abs(more - high) < HALVED);
    }
  });

  it('is about what the heavy trials alone tell, where they speak for nearly all inputs', () => {
    const [low, high] = midPInterval([of(8, 200, 1000), of(5, 100, 1)], 0.05);
    const alone = midPInterval([of(8, 200)], 0.05);
    assert.ok(Math.abs(low - alone[0]) < 1e-4 && Math.abs(high - alone[1]) < 1e-4);
  });

  it('takes the weight of what has no error yet for the next one', () => {
    const [low, high] = midPInterval([of(0, 50, 100), of(4, 1000, 1)], 0.05);
    // 50 trials without an error say no more than that it is below 6%.
    assert.ok(low < 0.001 && high > 0.04 && high < 0.06, `${low} to ${high}`);
  });

  it('refuses what is no count, and a weight that says nothing', () => {
    assert.throws(() => midPInterval([of(2, 1)], 0.05), /0 ≤ errors ≤ trials/);
    assert.throws(() => midPInterval([of(1, 2, 0)], 0.05), /positive weight/);
    assert.throws(() => midPInterval([of(1, 2)], 1), /0 < miss < 1/);
  });
});
