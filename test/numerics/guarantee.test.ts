import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { certifyThreshold, coverageRiskBound } from '../../src/numerics/risk/risk-control.ts';
import type { LabelledImage } from '../../src/numerics/risk/selective-risk.ts';
import { thresholdSequence } from '../../src/numerics/risk/threshold-sequence.ts';
import { powerSource, type Source, tiedSource } from '../../support/simulated-images.ts';

const target = { risk: 0.05, delta: 0.1 };
const FITS = 10;
const RESAMPLES = 200;
const RUNS = FITS * RESAMPLES;
/** Four binomial standard errors above δ. */
const MOST = target.delta + 4 * Math.sqrt((target.delta * (1 - target.delta)) / RUNS);

/**
 * Images of which those with a middle score are wrong most often: r(t) rises above the target and falls below
 * it again.
 */
const humped: Source = {
  draw: (count, uniform) =>
    powerSource(0, 1)
      .draw(count, uniform)
      .map((image) => ({ ...image, wrong: uniform() < humpAt(image.score) })),
  // ∫₀ᵗ of 2% with 30% between 0.5 and 0.6, over t.
  risk: (t) => (0.02 * t + 0.28 * Math.min(0.1, Math.max(0, t - 0.5))) / t,
};

function humpAt(score: number): number {
  return score > 0.5 && score < 0.6 ? 0.3 : 0.02;
}

/**
 * Half the images barred by a confidence floor, and nearly all wrong: were they counted, nothing could be
 * certified.
 */
function withFloor(source: Source): Source {
  return {
    ...source,
    draw: (count, uniform) =>
      source
        .draw(count, uniform)
        .map((image): LabelledImage =>
          uniform() < 0.5 ? { ...image, eligible: false, wrong: true } : image,
        ),
  };
}

const cases: { readonly name: string; readonly source: Source; readonly certifiesOften: boolean }[] = [
  { name: 'a continuous score', source: powerSource(0.1, 4), certifiesOften: true },
  { name: 'a score of five values', source: tiedSource(0.1, 4, 5), certifiesOften: true },
  {
    name: 'a score of one value, just above the risk',
    source: tiedSource(0.0501, 0, 1),
    certifiesOften: false,
  },
  {
    name: 'a score that knows nothing, just above the risk',
    source: powerSource(0.0501, 0),
    certifiesOften: false,
  },
  { name: 'a score whose risk rises and falls again', source: humped, certifiesOften: true },
  { name: 'a score with a confidence floor', source: withFloor(powerSource(0.1, 4)), certifiesOften: true },
];

describe('the guarantee, over certification images drawn anew 2,000 times', () => {
  for (const { name, source, certifiesOften } of cases) {
    it(`is broken at most as often as δ says by ${name}`, () => {
      const uniform = createUniform(Uint32Array.of(2, 7, 1, name.length));
      let certificates = 0;
      let violations = 0;
      for (let fits = 0; fits < FITS; fits++) {
        const thresholds = thresholdSequence(source.draw(300, uniform), 400, target);
        for (let resample = 0; resample < RESAMPLES; resample++) {
          const certified = certifyThreshold(thresholds, source.draw(400, uniform), target);
          if (certified === null) continue;
          certificates++;
          if (source.risk(certified.threshold) > target.risk) violations++;
        }
      }
      assert.ok(violations / RUNS <= MOST, `${violations} violations in ${RUNS}`);
      // The simulation would pass if nothing were ever certified, or if nothing could be violated.
      if (certifiesOften) assert.ok(certificates > RUNS / 3, `${certificates} certificates in ${RUNS}`);
      else assert.ok(violations > RUNS / 100, `${violations} violations in ${RUNS}`);
    });
  }

  it('is broken no more often by what is proven at the first threshold where nothing is certified', () => {
    const source = powerSource(0.0501, 0);
    const uniform = createUniform(Uint32Array.of(2, 7, 1, 9));
    let violations = 0;
    for (let fits = 0; fits < FITS; fits++) {
      const thresholds = thresholdSequence(source.draw(300, uniform), 400, target);
      for (let resample = 0; resample < RESAMPLES; resample++) {
        const certification = source.draw(400, uniform);
        const { threshold, risk } =
          certifyThreshold(thresholds, certification, target) ??
          coverageRiskBound(certification, thresholds[0]!, target.delta);
        if (source.risk(threshold) > risk) violations++;
      }
    }
    assert.ok(violations / RUNS <= MOST, `${violations} violations in ${RUNS}`);
    assert.ok(violations > RUNS / 50, `${violations} violations in ${RUNS}`);
  });

  it('is broken at most as often as δ says by the bound of a threshold chosen by coverage', () => {
    const source = powerSource(0.1, 4);
    const uniform = createUniform(Uint32Array.of(2, 7, 1, 8));
    let violations = 0;
    for (let fits = 0; fits < FITS; fits++) {
      const scores = source.draw(300, uniform).map(({ score }) => score);
      const threshold = scores.sort((a, b) => a - b)[240]!;
      for (let resample = 0; resample < RESAMPLES; resample++) {
        const { risk } = coverageRiskBound(source.draw(400, uniform), threshold, target.delta);
        if (source.risk(threshold) > risk) violations++;
      }
    }
    assert.ok(violations / RUNS <= MOST, `${violations} violations in ${RUNS}`);
    assert.ok(violations > RUNS / 50, `${violations} violations in ${RUNS}`);
  });
});
