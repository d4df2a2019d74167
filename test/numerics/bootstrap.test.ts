import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  bootstrapMetrics,
  differenceInterval,
  metricInterval,
  percentileInterval,
} from '../../src/numerics/ranking/bootstrap.ts';
import { createUniform, type Uniform } from '../../src/numerics/random.ts';
import { rankByScore, type Ranking } from '../../src/numerics/ranking/ranking.ts';
import { RANKING_METRICS } from '../../src/numerics/ranking/ranking-metrics.ts';

const seeded = (seed: number): Uniform => createUniform(Uint32Array.of(seed, 5, 6, 7));

/**
 * Scores uniform on [0, 1) whose images are wrong with probability 0.2·score², so that the true metrics are
 * known.
 */
function draw(n: number, uniform: Uniform): { scores: number[]; wrong: boolean[] } {
  const scores = Array.from({ length: n }, uniform);
  return { scores, wrong: scores.map((score) => uniform() < 0.2 * score ** 2) };
}

describe('bootstrapMetrics', () => {
  it('gives the same values from the same seed, and others from another', () => {
    const { scores, wrong } = draw(300, seeded(1));
    const ranking = rankByScore(scores, wrong);
    const [a, b, c] = [2, 2, 3].map((seed) => bootstrapMetrics([ranking], 20, seeded(seed)).values);
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, c);
  });

  it('varies as the metric does from sample to sample', () => {
    // AUGRC of a constant score is half the error rate, whose variance is e(1 − e)/n.
    const n = 400;
    const wrong = Array.from({ length: n }, (_, i) => i < 40);
    const replicates = bootstrapMetrics([rankByScore(Array(n).fill(0), wrong)], 4000, seeded(11));
    const values = replicates.values.filter(
      (_, i) => i % RANKING_METRICS.length === RANKING_METRICS.indexOf('augrc'),
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const expected = (0.1 * 0.9) / n / 4;
    assert.ok(Math.abs(mean - 0.05) < 5 * Math.sqrt(expected / 4000));
    // Relative SD of a variance over 4,000 values is √(2/4000) = 2.2%; five of them.
    assert.ok(Math.abs(variance / expected - 1) < 5 * Math.sqrt(2 / 4000), `${variance} and ${expected}`);
  });

  it('draws versions of one picture together: six copies say no more than one', () => {
    const { scores, wrong } = draw(200, seeded(31));
    const once = bootstrapMetrics([rankByScore(scores, wrong)], 50, seeded(32));
    const six = <T>(values: readonly T[]): T[] => Array.from({ length: 6 }, () => values).flat();
    const pictures = Uint32Array.from(six([...scores.keys()]));
    const copied = bootstrapMetrics([rankByScore(six(scores), six(wrong))], 50, seeded(32), pictures);
    // AURC differs by the optimum's part of about e/2N, the others by rounding alone.
    const aurc = new Set([RANKING_METRICS.indexOf('aurc'), RANKING_METRICS.indexOf('excess_aurc')]);
    for (const [i, value] of copied.values.entries()) {
      const tolerance = aurc.has(i % RANKING_METRICS.length) ? 1 / 200 : 1e-12;
      assert.ok(Math.abs(value - once.values[i]!) < tolerance, `${i}: ${value} and ${once.values[i]}`);
    }
  });

  it('draws pictures of unequally many versions', () => {
    const ranking = rankByScore([1, 2, 3], [false, true, false]);
    const { values } = bootstrapMetrics([ranking], 40, seeded(33), Uint32Array.of(0, 0, 1));
    // Both pictures: (1 inversion + 1/2)/3². The first twice: (0 + 2²/2)/4². The second twice: nothing is
    // wrong.
    const augrc = values.filter((_, i) => i % RANKING_METRICS.length === RANKING_METRICS.indexOf('augrc'));
    assert.ok([...augrc].every((value) => [1 / 6, 1 / 8, 0].some((one) => Math.abs(one - value) < 1e-12)));
    assert.equal(new Set([...augrc].map((value) => value.toFixed(6))).size, 3);
  });

  it('refuses rankings of different images, and none', () => {
    const few = rankByScore([1, 2], [true, false]);
    const many = rankByScore([1, 2, 3], [true, false, false]);
    assert.throws(() => bootstrapMetrics([few, many], 10, seeded(1)), /\[2, 3\]/);
    assert.throws(() => bootstrapMetrics([], 10, seeded(1)), RangeError);
    assert.throws(() => bootstrapMetrics([few], 0, seeded(1)), RangeError);
  });
});

describe('metricInterval', () => {
  it('covers the true AUGRC as often as it says, nearly', () => {
    // For wrong with probability 0.2 s²: errors accepted per image at coverage t are 0.2 t³/3, whose integral
    // is 0.2/12.
    const truth = 0.2 / 12;
    const runs = 400;
    const uniform = seeded(21);
    let covered = 0;
    for (let run = 0; run < runs; run++) {
      const { scores, wrong } = draw(500, uniform);
      const replicates = bootstrapMetrics([rankByScore(scores, wrong)], 200, uniform);
      const [low, high] = metricInterval(replicates, 0, 'augrc', 0.9);
      if (low <= truth && truth <= high) covered++;
    }
    // The percentile interval undercovers by about 1/n of a skewed metric; 2% for that, and four binomial
    // standard errors.
    const tolerance = 0.02 + 4 * Math.sqrt((0.9 * 0.1) / runs);
    assert.ok(Math.abs(covered / runs - 0.9) < tolerance, `${covered} of ${runs}`);
  });

  it('is not a number where nothing is wrong in any resample', () => {
    const replicates = bootstrapMetrics([rankByScore([1, 2, 3], [false, false, false])], 10, seeded(4));
    assert.deepEqual(metricInterval(replicates, 0, 'auroc', 0.9), [NaN, NaN]);
    assert.deepEqual(metricInterval(replicates, 0, 'aurc', 0.9), [0, 0]);
  });

  it('refuses a ranking that was not measured', () => {
    const replicates = bootstrapMetrics([rankByScore([1, 2], [true, false])], 10, seeded(4));
    assert.throws(() => metricInterval(replicates, 1, 'auroc', 0.9), /one of 1 rankings/);
  });
});

describe('differenceInterval', () => {
  const uniform = seeded(31);
  const { scores, wrong } = draw(2000, uniform);
  const noisy = (amount: number): Ranking =>
    rankByScore(
      scores.map((score) => score + amount * uniform()),
      wrong,
    );
  const replicates = bootstrapMetrics([rankByScore(scores, wrong), noisy(0.1), noisy(3)], 400, seeded(32));

  it('is zero between a ranking and itself', () => {
    assert.deepEqual(differenceInterval(replicates, 1, 1, 'aurc', 0.95), [0, 0]);
  });

  it('is narrower than either interval, because the resamples are shared', () => {
    const [low, high] = differenceInterval(replicates, 0, 1, 'auroc', 0.95);
    const [lower, upper] = metricInterval(replicates, 0, 'auroc', 0.95);
    assert.ok(high - low < (upper - lower) / 2);
  });

  it('tells a better score from a much noisier one', () => {
    const [low] = differenceInterval(replicates, 0, 2, 'auroc', 0.95);
    assert.ok(low > 0);
    const [, high] = differenceInterval(replicates, 0, 2, 'augrc', 0.95);
    assert.ok(high < 0);
  });
});

describe('percentileInterval', () => {
  it('interpolates between the ordered values', () => {
    const [low, high] = percentileInterval(Float64Array.of(5, 1, 4, 2, 3), 0.9);
    assert.ok(Math.abs(low - 1.2) < 1e-12 && Math.abs(high - 4.8) < 1e-12);
  });

  it('leaves out what is not a number', () => {
    assert.deepEqual(percentileInterval(Float64Array.of(NaN, 2, NaN), 0.9), [2, 2]);
  });

  it('refuses a confidence that is none', () => {
    assert.throws(() => percentileInterval(Float64Array.of(1), 1), RangeError);
  });
});
