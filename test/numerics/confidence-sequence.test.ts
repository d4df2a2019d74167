import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { clopperPearson, lowerBound } from '../../src/numerics/risk/clopper-pearson.ts';
import { confidenceSequence } from '../../src/numerics/sequential/confidence-sequence.ts';

const MISS = 0.05;
const counted = (wrong: number, labels: number, weight = 1) => ({ right: labels - wrong, wrong, weight });

/** Share of runs in which the interval misses `truth` at one of the looks. */
function missed(
  runs: number,
  truth: number,
  draw: () => { readonly isWrong: boolean; readonly weight: number },
): number {
  let misses = 0;
  for (let run = 0; run < runs; run++) {
    const counts = new Map<number, { right: number; wrong: number; weight: number }>();
    for (let labels = 1; labels <= 2000; labels++) {
      const { isWrong, weight } = draw();
      const count = counts.get(weight) ?? { right: 0, wrong: 0, weight };
      counts.set(weight, count);
      count[isWrong ? 'wrong' : 'right']++;
      if (labels % 50 > 0) continue;
      const [low, high] = confidenceSequence([...counts.values()], MISS);
      if (truth < low || truth > high) {
        misses++;
        break;
      }
    }
  }
  return misses;
}

describe('the confidence sequence', () => {
  it('holds the rate at all of forty looks with its confidence', () => {
    const uniform = createUniform(Uint32Array.of(14, 7, 1, 1));
    const misses = missed(200, 0.02, () => ({ isWrong: uniform() < 0.02, weight: 1 }));
    assert.ok(lowerBound(misses, 200, 1e-4) <= MISS, `${misses} of 200`);
  });

  it('holds it where those that are wrong more often are drawn more often, by their weights', () => {
    const uniform = createUniform(Uint32Array.of(14, 7, 2, 1));
    const draw = (weighted: boolean) => () => {
      const rare = uniform() < 0.1 / 0.19;
      return { isWrong: uniform() < (rare ? 0.11 : 0.01), weight: rare && weighted ? 0.1 : 1 };
    };
    const misses = missed(100, 0.02, draw(true));
    assert.ok(lowerBound(misses, 100, 1e-4) <= MISS, `${misses} of 100`);
    assert.ok(missed(20, 0.02, draw(false)) > 15, 'without weights it would miss nearly always');
  });

  it('is wider than an interval that may be looked at once, and not twice as wide', () => {
    for (const [wrong, labels] of [
      [0, 100],
      [20, 1000],
      [200, 10_000],
      [500, 1000],
    ] as const) {
      const [low, high] = confidenceSequence([counted(wrong, labels)], MISS);
      const [least, most] = clopperPearson(wrong, labels, MISS);
      assert.ok(low <= least && high >= most);
      assert.ok(high - low < 2 * (most - least), `${wrong} of ${labels}: ${low} to ${high}`);
    }
  });

  it('knows nothing of no labels, and has an end at 0 or 1 where all were alike', () => {
    assert.deepEqual(confidenceSequence([], MISS), [0, 1]);
    assert.deepEqual(confidenceSequence([counted(0, 0)], MISS), [0, 1]);
    assert.equal(confidenceSequence([counted(0, 50)], MISS)[0], 0);
    assert.equal(confidenceSequence([counted(50, 50)], MISS)[1], 1);
  });

  it('narrows on the rate with a million labels', () => {
    const [low, high] = confidenceSequence([counted(20_000, 1_000_000)], MISS);
    assert.ok(low > 0.0194 && low < 0.02 && high > 0.02 && high < 0.0206, `${low} to ${high}`);
  });

  it('refuses weights that would let a bet lose more than is there', () => {
    assert.throws(() => confidenceSequence([counted(1, 2, 1.5)], MISS), RangeError);
  });
});
