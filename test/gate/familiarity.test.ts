import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Familiarity, familiarityOf, familiaritySchema, packGroup } from '../../src/gate/familiarity.ts';
import type { ClassGaussian } from '../../src/numerics/familiarity/gaussian.ts';
import {
  type ImageStatistics,
  STATISTICS,
  STATISTICS_GROUPS,
} from '../../src/numerics/familiarity/image-statistics.ts';

/** Five independent numbers around 0, of deviation 1: the centre's. */
function standardNormal(size: number): ClassGaussian {
  const identity = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  return {
    means: new Float32Array(size),
    deviations: new Float32Array(size).fill(1),
    classes: [],
    classMeans: new Float32Array(size),
    whitening: identity,
    precisions: identity,
  };
}

/** ln 5, the squared distance that is usual, and a scale of ½. */
const FAMILIARITY: Familiarity = {
  classes: [],
  groups: [packGroup('centre', standardNormal(5), Math.log(5), 0.5)],
  reference: [0, 1, 2, 4],
  cut: 3,
  learned_from: 60,
  held_out: 40,
  power: 0.9,
};

function statisticsOf(centre: readonly number[]): ImageStatistics {
  const empty = Object.fromEntries(STATISTICS_GROUPS.map((group) => [group, new Float64Array(0)]));
  return { ...(empty as unknown as ImageStatistics), centre: Float64Array.from(centre) };
}

describe('familiarityOf', () => {
  it('is ln²(1 + e^z) of the distance', () => {
    const { score } = familiarityOf(FAMILIARITY, statisticsOf([1, 1, 1, 1, 1]), 0);
    // d² = 5: z = 0.
    assert.ok(Math.abs(score - Math.log(2) ** 2) < 1e-12);
    const far = familiarityOf(FAMILIARITY, statisticsOf([100, 0, 0, 0, 0]), 0);
    const rarity = (Math.log(10_000) - Math.log(5)) / 0.5;
    assert.ok(Math.abs(far.score - rarity ** 2) < 1e-2);
    assert.ok(far.score > FAMILIARITY.cut);
  });

  it('is 0 where there is no distance at all', () => {
    assert.equal(familiarityOf(FAMILIARITY, statisticsOf([0, 0, 0, 0, 0]), 0).score, 0);
  });

  it('adds the evidence of its groups', () => {
    const { groups } = FAMILIARITY;
    const twice = { ...FAMILIARITY, groups: [...groups, ...groups] };
    const one = statisticsOf([2, 0, 1, 0, 1]);
    assert.equal(familiarityOf(twice, one, 0).score, 2 * familiarityOf(FAMILIARITY, one, 0).score);
  });

  it('says which share of calibration’s images is as familiar', () => {
    const reference = [...FAMILIARITY.reference];
    const quantileAt = (score: number): number => {
      // d² that gives this score.
      const rarity = Math.log(Math.expm1(Math.sqrt(score)));
      const squared = 5 * Math.exp(0.5 * rarity);
      return familiarityOf(FAMILIARITY, statisticsOf([Math.sqrt(squared), 0, 0, 0, 0]), 0).quantile;
    };
    for (const [score, quantile] of [
      [1, 1 / 3],
      [1.5, 0.5],
      [3, 5 / 6],
      [9, 1],
    ] as const) {
      assert.ok(Math.abs(quantileAt(score) - quantile) < 1e-6, `at ${score}`);
    }
    assert.equal(reference[0], familiarityOf(FAMILIARITY, statisticsOf([0, 0, 0, 0, 0]), 0).quantile);
  });

  it('says in words what is strange, the strangest first', () => {
    const { strange } = familiarityOf(FAMILIARITY, statisticsOf([4, 0, -9, 1, 2]), 0);
    assert.deepEqual(strange, ['narrower than usual', 'further right than usual']);
  });

  it('is not a number where a statistic is none or missing, which is never familiar', () => {
    for (const centre of [[NaN, 0, 0, 0, 0], [0, 0, 0, 0], []]) {
      const { score, quantile } = familiarityOf(FAMILIARITY, statisticsOf(centre), 0);
      assert.ok(Number.isNaN(score) && Number.isNaN(quantile));
      assert.ok(!(score <= FAMILIARITY.cut));
    }
  });
});

describe('the schema of familiarity', () => {
  it('takes what was packed', () => {
    assert.deepEqual(familiaritySchema.parse(FAMILIARITY), FAMILIARITY);
  });

  it('refuses arrays of another length, naming both lengths', () => {
    const [group] = FAMILIARITY.groups;
    const short = { ...FAMILIARITY, groups: [{ ...group!, means: group!.deviations.slice(0, 8) }] };
    const found = familiaritySchema.safeParse(short);
    assert.match(found.error!.message, /expected 5 numbers of means in centre, got 1.5/);
    const more = familiaritySchema.safeParse({ ...FAMILIARITY, classes: [3] });
    assert.match(more.error!.message, /expected 10 numbers of class_means in centre, got 5/);
    assert.equal(STATISTICS.centre.length, 5);
  });

  it('refuses a group that comes twice, a reference that descends, and text that is not base64', () => {
    const [group] = FAMILIARITY.groups;
    for (const wrong of [
      { ...FAMILIARITY, groups: [group, group] },
      { ...FAMILIARITY, reference: [1, 0] },
      { ...FAMILIARITY, groups: [{ ...group, means: '%%%' }] },
      { ...FAMILIARITY, groups: [] },
    ]) {
      assert.ok(!familiaritySchema.safeParse(wrong).success);
    }
  });
});
