import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  chooseRule,
  type Goal,
  proveRule,
  type ScoredImage,
} from '../../src/study/calibration/choose-rule.ts';
import { createUniform } from '../../src/numerics/random.ts';

const image = (score: number, wrong = false, confidence = 0.9): ScoredImage => ({
  ...{ score, confidence, wrong },
  admitted: true,
});

/** n images whose error rate rises with the score: 0 below 0.5, half of them above 0.9. */
function images(n: number, seed: number): ScoredImage[] {
  const uniform = createUniform(Uint32Array.of(seed, 2, 3, 4));
  return Array.from({ length: n }, () => {
    const score = uniform();
    return image(score, score > 0.9 && uniform() < 0.5);
  });
}

const risk: Goal = { method: 'fixed_sequence', risk: 0.02, confidence: 0.95 };
const coverage = (share: number): Goal => ({ method: 'coverage', coverage: share, confidence: 0.95 });

describe('chooseRule for a review budget', () => {
  const four = [image(0.1), image(0.2), image(0.3), image(0.4)];

  it('accepts the share that is asked for', () => {
    assert.deepEqual([...chooseRule(four, 4, false, coverage(0.5)).thresholds], [0.2]);
    assert.deepEqual([...chooseRule(four, 4, false, coverage(1)).thresholds], [0.4]);
  });

  it('accepts as much more as equal scores bring with them', () => {
    const ties = [image(0.1), image(0.1), image(0.1)];
    assert.deepEqual([...chooseRule(ties, 3, false, coverage(0.4)).thresholds], [0.1]);
    const { outcome, proven } = proveRule(
      ties,
      ties,
      chooseRule(ties, 3, false, coverage(0.4)),
      coverage(0.4),
    ) as {
      outcome: string;
      proven: { accepted: number };
    };
    assert.deepEqual([outcome, proven.accepted], ['covered', 3]);
  });

  it('never accepts what was not decided for any threshold', () => {
    const undecided = [image(0.1), image(Infinity), image(NaN)];
    assert.deepEqual([...chooseRule(undecided, 3, false, coverage(1)).thresholds], [0.1]);
  });
});

describe('chooseRule with a confidence floor', () => {
  it('lets nothing through that is less confident than all that calibration saw', () => {
    const { floor } = chooseRule([image(0.1, false, 0.7), image(0.2, false, 0.4)], 2, true, coverage(1));
    assert.equal(floor, 0.4);
  });

  it('raises the floor where flat answers have low scores and are wrong', () => {
    const fit = images(2000, 1).map((one, i) => (i % 10 === 0 ? image(0.01, i % 20 === 0, 0.05) : one));
    const { floor } = chooseRule(fit, 2000, true, risk);
    assert.ok(floor! > 0.05, String(floor));
    const without = chooseRule(fit, 2000, false, risk);
    const certification = images(2000, 2).map((one, i) =>
      i % 10 === 0 ? image(0.01, i % 20 === 0, 0.05) : one,
    );
    assert.equal(proveRule(fit, certification, without, risk).outcome, 'no_certifiable_threshold');
    const proven = proveRule(fit, certification, chooseRule(fit, 2000, true, risk), risk);
    assert.equal(proven.outcome, 'certified');
  });
});

describe('proveRule', () => {
  it('certifies a threshold whose errors are rare enough, and says how many there were', () => {
    const fit = images(2000, 3);
    const outcome = proveRule(fit, images(2000, 4), chooseRule(fit, 2000, false, risk), risk);
    assert.equal(outcome.outcome, 'certified');
    const { threshold, errors, accepted, pointwiseBound } = outcome;
    assert.ok(threshold > 0.9 && threshold < 0.96, String(threshold));
    assert.ok(errors / accepted < 0.02 && pointwiseBound <= 0.02);
  });

  it('wants more labels where too few could prove anything', () => {
    const fit = images(60, 5);
    const outcome = proveRule(fit, images(60, 6), chooseRule(fit, 60, false, risk), risk);
    assert.equal(outcome.outcome, 'insufficient_labels');
    // ln(0.05)/ln(0.98) = 148.3: so many without an error are the least that proves 2%.
    assert.ok((outcome as { labelsNeeded: number }).labelsNeeded >= 149);
  });

  it('says that no threshold will do where all scores are as bad', () => {
    const bad = Array.from({ length: 3000 }, (_, i) => image((i % 100) / 100, i % 5 === 0));
    assert.equal(
      proveRule(bad, bad, chooseRule(bad, 3000, false, risk), risk).outcome,
      'no_certifiable_threshold',
    );
  });
});
