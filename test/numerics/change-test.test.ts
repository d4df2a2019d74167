import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { lowerBound } from '../../src/numerics/risk/clopper-pearson.ts';
import { createChangeTest, LEAST_ERRORS, provesChange } from '../../src/numerics/sequential/change-test.ts';
import { labelsToFind, provenWithin } from '../../support/simulated-years.ts';

const PROMISED = 0.02;
/** Labels of a year, 100 a day. */
const YEAR = 36_500;
const YEARLY = 0.015;
const year = { promised: PROMISED, limit: YEAR / YEARLY };
/** That an exact bound is wrong about a rate that is kept. */
const UNLUCKY = 1e-4;

describe('the change test', () => {
  it('is the mean of Shiryaev–Roberts statistics, in closed form after two labels', () => {
    const test = createChangeTest(PROMISED);
    test.observe(true);
    test.observe(false);
    // (1 + g)·r, since after one error each statistic is its g.
    const mean = Object.entries({ 1.5: 0.2, 2: 0.5, 4: 0.24, 10: 0.06 })
      .map(([g, share]) => (share * (1 + Number(g)) * (1 - Number(g) * PROMISED)) / (1 - PROMISED))
      .reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(test.state.statistic / mean - 1) < 1e-12);
    assert.deepEqual([test.state.labels, test.state.errors], [2, 1]);
  });

  it('cries at most as often a year as it says, where the promise is just kept', () => {
    const uniform = createUniform(Uint32Array.of(14, 5, 36_500, 1));
    const years = 200;
    let broken = 0;
    for (let i = 0; i < years; i++) if (provenWithin(year, PROMISED, YEAR, uniform)) broken++;
    assert.ok(lowerBound(broken, years, UNLUCKY) <= YEARLY, `${broken} of ${years} years`);
    // Were the limit that of one label in thousand, nearly every year would.
    const loose = { ...year, limit: 1000 };
    assert.ok(provenWithin(loose, PROMISED, YEAR, uniform));
  });

  for (const [multiple, most] of [
    [2, 1150],
    [4, 220],
  ] as const) {
    it(`finds ${multiple} times the promised rate within ${most} labels, after 3,000 good ones`, () => {
      const uniform = createUniform(Uint32Array.of(14, 5, multiple, 2));
      const found = Array.from({ length: 300 }, () => labelsToFind(year, 3000, multiple, uniform));
      const late = found.filter((labels) => labels === null || labels > most).length;
      // The median is within `most` unless more than half are late.
      assert.ok(lowerBound(late, found.length, UNLUCKY) <= 0.5, `${late} of ${found.length} took longer`);
      assert.ok(late > 0, 'a test that finds everything at once tests nothing');
    });
  }

  it('proves nothing by fewer than four errors, however low the promise', () => {
    const test = createChangeTest(1e-9);
    for (let i = 0; i < LEAST_ERRORS - 1; i++) test.observe(true, 1, 1e12);
    assert.ok(test.state.statistic > year.limit);
    assert.equal(provesChange(test.state, year.limit), false);
    test.observe(true);
    assert.equal(provesChange(test.state, year.limit), true);
  });

  it('forgets a good past: a million right labels leave it where ten thousand do', () => {
    const after = (good: number): number => {
      const test = createChangeTest(PROMISED);
      for (let i = 0; i < good; i++) test.observe(false);
      return test.state.statistic;
    };
    assert.ok(after(10_000) > 1);
    assert.ok(Math.abs(after(1_000_000) / after(10_000) - 1) < 1e-9);
  });

  it('stays a number after any count of errors', () => {
    const test = createChangeTest(PROMISED);
    for (let i = 0; i < 100_000; i++) test.observe(true);
    assert.ok(Number.isFinite(test.state.statistic) && provesChange(test.state, year.limit));
  });

  it('keeps its rate under weights, where those that are wrong more often are drawn more often', () => {
    const uniform = createUniform(Uint32Array.of(14, 5, 10, 3));
    // Of ten inputs nine are wrong in 1% and drawn with 1%, one is wrong in 11% and drawn with 10%.
    const years = 200;
    const brokenWith = (weightOf: (rare: boolean) => number): number => {
      let broken = 0;
      for (let i = 0; i < years; i++) {
        const test = createChangeTest(PROMISED);
        for (let label = 0; label < 3000 && !provesChange(test.state, YEAR / YEARLY); label++) {
          const rare = uniform() < 0.1 / 0.19;
          test.observe(uniform() < (rare ? 0.11 : 0.01), weightOf(rare));
        }
        if (provesChange(test.state, YEAR / YEARLY)) broken++;
      }
      return broken;
    };
    assert.ok(
      lowerBound(
        brokenWith((rare) => (rare ? 0.1 : 1)),
        years,
        UNLUCKY,
      ) <=
        3000 / (YEAR / YEARLY),
    );
    assert.ok(brokenWith(() => 1) > years * 0.9, 'without weights it would be proven nearly always');
  });

  it('goes on from a copy as from itself', () => {
    const test = createChangeTest(PROMISED);
    for (let i = 0; i < 100; i++) test.observe(i % 9 === 0);
    const copy = test.copy();
    test.observe(true);
    assert.notDeepEqual(copy.state, test.state);
    copy.observe(true);
    assert.deepEqual(copy.state, test.state);
  });
});
