import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upperBound, zeroErrorMinimum } from '../../src/numerics/risk/clopper-pearson.ts';
import { createUniform, type Uniform } from '../../src/numerics/random.ts';
import { thresholdSequence } from '../../src/numerics/risk/threshold-sequence.ts';
import { powerSource } from '../../support/simulated-images.ts';
import { smallest } from '../../src/numerics/extremes.ts';

const target = { risk: 0.02, delta: 0.05 };
const seeded = (seed: number): Uniform => createUniform(Uint32Array.of(seed, 4, 4, 4));

describe('thresholdSequence', () => {
  it('is the finite scores of the eligible fit images from a start to an end, ascending, each once', () => {
    const fit = powerSource(0.05, 5)
      .draw(6000, seeded(1))
      .map((image, i) => ({ ...image, score: Math.ceil(image.score * 50), eligible: i % 3 > 0 }));
    const sequence = thresholdSequence(
      [...fit, { score: Infinity, eligible: true, wrong: true }, { score: NaN, eligible: true, wrong: true }],
      2000,
      target,
    );
    const scores = new Set(fit.filter(({ eligible }) => eligible).map(({ score }) => score));
    const expected = [...scores]
      .sort((a, b) => a - b)
      .filter((score) => score >= sequence[0]! && score <= sequence.at(-1)!);
    assert.ok(expected.length > 1 && expected.length < scores.size);
    assert.deepEqual([...sequence], expected);
  });

  it('ends where the fit images alone no longer prove the risk', () => {
    const fit = powerSource(0.048, 7.5).draw(2500, seeded(12));
    const sequence = thresholdSequence(fit, 2500, target);
    const failing = (threshold: number): boolean => {
      const accepted = fit.filter(({ score }) => score <= threshold);
      return upperBound(accepted.filter(({ wrong }) => wrong).length, accepted.length, 0.05) > 0.02;
    };
    assert.ok(sequence.length > 10);
    assert.ok(!sequence.some(failing));
    const next = smallest(fit.map(({ score }) => score).filter((score) => score > sequence.at(-1)!));
    assert.ok(failing(next));
  });

  it('is its start alone where the fit images do not prove the risk there', () => {
    // One error among 60: what is expected is below 5%, but not proven by so few.
    const fit = Array.from({ length: 60 }, (_, i) => ({ score: i, eligible: true, wrong: i === 3 }));
    const sequence = thresholdSequence(fit, 2000, { risk: 0.05, delta: 0.05 });
    assert.equal(sequence.length, 1);
  });

  it('begins where enough will be accepted to prove the risk without an error, and one to spare', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      // With a risk below 2% at any coverage under 89%.
      const fit = powerSource(0.048, 7.5).draw(500, seeded(seed));
      const [start] = thresholdSequence(fit, 500, target);
      // A score uniform on (0, 1) is the coverage.
      assert.ok(500 * start! > zeroErrorMinimum(target) && start! < 0.89, `start ${start}`);
    }
  });

  it('begins later where fewer certification images are to come', () => {
    const fit = powerSource(0.048, 7.5).draw(500, seeded(6));
    const [few] = thresholdSequence(fit, 200, target);
    const [many] = thresholdSequence(fit, 5000, target);
    assert.ok(few! > many!);
  });

  it('begins near full coverage where the whole error rate is low enough', () => {
    const [start] = thresholdSequence(powerSource(0.002, 0).draw(1000, seeded(7)), 1000, target);
    assert.ok(start! > 0.95, `start ${start}`);
  });

  it('begins where more can be proven than nothing, where there are too few images to prove the risk', () => {
    // 100 images without an error prove 3%; of all of them 5% are wrong.
    const [start] = thresholdSequence(powerSource(0.05, 7.5).draw(1000, seeded(10)), 100, target);
    assert.ok(start! > 0.5 && start! < 0.9, `start ${start}`);
  });

  it('does not depend on the order of the fit images', () => {
    const fit = powerSource(0.05, 4).draw(300, seeded(8));
    assert.deepEqual(thresholdSequence(fit, 700, target), thresholdSequence(fit.toReversed(), 700, target));
  });

  it('is the one value of a constant score', () => {
    const fit = Array.from({ length: 50 }, (_, i) => ({ score: 7, eligible: true, wrong: i === 0 }));
    assert.deepEqual([...thresholdSequence(fit, 50, target)], [7]);
  });

  it('finds its start among counts whose probabilities underflow one by one', () => {
    const fit = powerSource(0.3, 2).draw(20_000, seeded(9));
    const sequence = thresholdSequence(fit, 20_000, { risk: 0.2, delta: 0.05 });
    // r(t) = 0.3 t² is below 20% to t = 0.816.
    assert.ok(sequence[0]! > 0.2 && sequence[0]! < 0.816, `start ${sequence[0]}`);
  });

  it('is empty where no fit image is eligible', () => {
    assert.equal(thresholdSequence([{ score: 1, eligible: false, wrong: false }], 10, target).length, 0);
  });
});
