import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { rankByScore } from '../../src/numerics/ranking/ranking.ts';
import {
  harmonicNumbers,
  RANKING_METRICS,
  type RankingMetric,
  rankingMetrics,
  writeMetrics,
} from '../../src/numerics/ranking/ranking-metrics.ts';

type Metrics = Readonly<Record<RankingMetric, number>>;

/** Of sums over a few thousand images. */
const ROUNDING = 1e-12;

function assertClose(actual: number, expected: number, tolerance = ROUNDING): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected} ± ${tolerance}`);
}

const metricsOf = (scores: readonly number[], wrong: readonly boolean[]): Metrics =>
  rankingMetrics(rankByScore(scores, wrong));

/** W wrong, . right, by rising score. */
const inOrder = (labels: string): Metrics =>
  metricsOf(
    Array.from(labels, (_, i) => i),
    Array.from(labels, (label) => label === 'W'),
  );

/** `n` images of whose scores, whole numbers below `levels`, the higher are more often wrong. */
function randomImages(n: number, levels: number, seed: number): { scores: number[]; wrong: boolean[] } {
  const uniform = createUniform(Uint32Array.of(seed, 2, 3, 4));
  const scores = Array.from({ length: n }, () => Math.floor(levels * uniform()));
  return { scores, wrong: scores.map((score) => uniform() < 0.3 * (score / levels) ** 2) };
}

describe('rankingMetrics', () => {
  it('agrees with a ranking of five worked by hand', () => {
    const metrics = inOrder('.W..W');
    // Pairs in order: 1 right below the first wrong one, 3 below the second, of 2·3.
    assertClose(metrics.auroc, 4 / 6);
    assertClose(metrics.aurc, (0 + 1 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5);
    assertClose(metrics.excess_aurc, metrics.aurc - (0.4 + 0.6 * Math.log(0.6)));
    // Trapezoids under the errors 0, 0, 1, 1, 1, 2.
    assertClose(metrics.augrc, (0 + 0.5 + 1 + 1 + 1.5) / 25);
    // Both wrong ones are caught with the upper four, of which two are right.
    assertClose(metrics.fpr_at_95_tpr, 2 / 3);
    assert.equal(metrics['coverage_at_5%'], 1 / 5);
  });

  it('takes the largest coverage that keeps a target risk, even past a larger risk', () => {
    // One wrong among 20: 5%, and 2 of the first 21.
    assert.equal(inOrder(`.W${'.'.repeat(18)}W`)['coverage_at_5%'], 20 / 21);
    assert.equal(inOrder(`W${'.'.repeat(98)}W`)['coverage_at_1%'], 0);
    assert.equal(inOrder(`W${'.'.repeat(99)}W`)['coverage_at_1%'], 100 / 101);
  });

  it('keeps a target risk that is met exactly, whatever its binary fraction', () => {
    // 29 of 2900 is 1%, though 0.01 · 2900 < 29 in binary.
    assert.equal(inOrder('W'.repeat(29) + '.'.repeat(2871))['coverage_at_1%'], 1);
  });

  it('finds 95% of twenty wrong ones without the lowest', () => {
    const metrics = inOrder('.'.repeat(10) + 'W' + '.'.repeat(30) + 'W'.repeat(19));
    assert.equal(metrics.fpr_at_95_tpr, 0);
  });

  describe('of a perfect ranking', () => {
    const n = 1000;
    const e = 0.05;
    const metrics = inOrder('.'.repeat(n * (1 - e)) + 'W'.repeat(n * e));

    it('is one in AUROC, zero in false positives, and covers what each target risk allows', () => {
      assert.equal(metrics.auroc, 1);
      assert.equal(metrics.fpr_at_95_tpr, 0);
      // (1 − e)/(1 − r), in whole images.
      assert.equal(metrics['coverage_at_1%'], 0.959);
      assert.equal(metrics['coverage_at_5%'], 1);
    });

    it('has the optimal area e²/2 under generalised risk', () => {
      assertClose(metrics.augrc, e ** 2 / 2);
    });

    it('has the optimal AURC up to the sum that stands for an integral', () => {
      // The mean at right ends exceeds the integral of a rising function by about half its rise over n.
      assertClose(metrics.excess_aurc, e / (2 * n), 1e-3 * (e / (2 * n)) + 1e-6);
    });
  });

  describe('of the reverse of a perfect ranking', () => {
    it('is zero in AUROC, one in false positives, with the largest area e − e²/2', () => {
      const metrics = inOrder('W'.repeat(50) + '.'.repeat(950));
      assert.equal(metrics.auroc, 0);
      assert.equal(metrics.fpr_at_95_tpr, 1);
      assertClose(metrics.augrc, 0.05 - 0.05 ** 2 / 2);
    });
  });

  describe('of a constant score', () => {
    const wrong = Array.from({ length: 200 }, (_, i) => i % 10 === 0);
    const metrics = metricsOf(Array(200).fill(7), wrong);

    it('is what random order gives on average', () => {
      assertClose(metrics.auroc, 0.5);
      assertClose(metrics.aurc, 0.1);
      assertClose(metrics.augrc, 0.1 / 2);
      assertClose(metrics.fpr_at_95_tpr, 0.95);
    });

    it('covers all or nothing', () => {
      const oneIn20 = Array.from({ length: 20 }, (_, i) => i === 3);
      const twoIn20 = Array.from({ length: 20 }, (_, i) => i > 17);
      assert.equal(metricsOf(Array(20).fill(7), oneIn20)['coverage_at_5%'], 1);
      assert.equal(metricsOf(Array(20).fill(7), twoIn20)['coverage_at_5%'], 0);
    });
  });

  describe('with equal scores', () => {
    const { scores, wrong } = randomImages(400, 12, 5);
    const metrics = metricsOf(scores, wrong);

    it('does not depend on the order in which the images come', () => {
      const shuffled = scores.map((_, i) => (i * 171) % 400);
      const again = metricsOf(
        shuffled.map((i) => scores[i]!),
        shuffled.map((i) => wrong[i]!),
      );
      for (const metric of RANKING_METRICS) assertClose(again[metric], metrics[metric]);
    });

    it('is the mean over random orders of the equal ones', () => {
      const uniform = createUniform(Uint32Array.of(9, 8, 7, 6));
      const orders = Array.from({ length: 1000 }, () =>
        metricsOf(
          scores.map((score) => score + uniform() / 2),
          wrong,
        ),
      );
      for (const metric of ['auroc', 'aurc', 'augrc'] as const) {
        const mean = orders.reduce((sum, order) => sum + order[metric], 0) / orders.length;
        const variance = orders.reduce((sum, order) => sum + (order[metric] - mean) ** 2, 0) / orders.length;
        // Five standard errors of the mean.
        assertClose(metrics[metric], mean, 5 * Math.sqrt(variance / orders.length));
      }
    });
  });

  describe('over random images', () => {
    for (const levels of [3, 50, 1e6]) {
      const { scores, wrong } = randomImages(700, levels, levels % 97);
      const metrics = metricsOf(scores, wrong);

      it(`has the area under generalised risk that trapezoids give, at ${levels} levels`, () => {
        let area = 0;
        let before = { coverage: 0, errors: 0 };
        for (const threshold of [...new Set(scores)].sort((a, b) => a - b)) {
          const coverage = scores.filter((score) => score <= threshold).length / 700;
          const errors = scores.filter((score, i) => score <= threshold && wrong[i]!).length / 700;
          area += ((coverage - before.coverage) * (errors + before.errors)) / 2;
          before = { coverage, errors };
        }
        assertClose(metrics.augrc, area);
      });

      it(`keeps the identity of AUGRC and AUROC, at ${levels} levels`, () => {
        const e = wrong.filter(Boolean).length / 700;
        assertClose(metrics.augrc, (1 - metrics.auroc) * e * (1 - e) + e ** 2 / 2);
      });

      it(`has the AUROC that counting pairs gives, at ${levels} levels`, () => {
        let higher = 0;
        let pairs = 0;
        for (let i = 0; i < 700; i++) {
          for (let j = 0; j < 700; j++) {
            if (!wrong[i]! || wrong[j]!) continue;
            pairs++;
            higher += scores[i]! > scores[j]! ? 1 : scores[i]! === scores[j]! ? 0.5 : 0;
          }
        }
        assertClose(metrics.auroc, higher / pairs);
      });
    }
  });

  it('tells no AUROC where nothing is wrong, or everything', () => {
    const right = inOrder('....');
    assert.deepEqual([right.auroc, right.fpr_at_95_tpr], [NaN, NaN]);
    assert.deepEqual([right.aurc, right.excess_aurc, right.augrc], [0, 0, 0]);
    assert.equal(right['coverage_at_0.5%'], 1);
    const wrong = inOrder('WWWW');
    assert.deepEqual([wrong.auroc, wrong.fpr_at_95_tpr], [NaN, NaN]);
    assert.deepEqual([wrong.aurc, wrong.excess_aurc, wrong.augrc], [1, 0, 0.5]);
  });
});

describe('writeMetrics', () => {
  it('counts an image drawn twice as two images of one score, and one not drawn as none', () => {
    const { scores, wrong } = randomImages(60, 20, 3);
    const counts = Uint16Array.from(scores, (_, i) => (i * i) % 4);
    const repeated = scores.flatMap((_, i) => Array<number>(counts[i]!).fill(i));
    const written = new Float64Array(RANKING_METRICS.length + 2);
    writeMetrics(rankByScore(scores, wrong), counts, harmonicNumbers(repeated.length), written, 2);
    const expected = metricsOf(
      repeated.map((i) => scores[i]!),
      repeated.map((i) => wrong[i]!),
    );
    RANKING_METRICS.forEach((metric, m) => {
      assertClose(written[2 + m]!, expected[metric]);
    });
  });
});
