import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { directionalChange, softmax, softmaxJacobianNorm } from '../../src/numerics/jacobian/softmax.ts';

const near = (actual: number, expected: number, tolerance = 1e-14): void => {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );
};

describe('softmax', () => {
  it('gives 1/4 and 3/4 for logits 0 and ln 3', () => {
    const p = softmax([0, Math.log(3)]);
    near(p[0]!, 0.25);
    near(p[1]!, 0.75);
  });

  it('keeps the small probability where the large one rounds to 1 in float32', () => {
    near(softmax([0, 40])[0]! * Math.exp(40), 1, 1e-12);
  });

  it('does not overflow', () => {
    assert.deepEqual([...softmax([1e4, 0])], [1, 0]);
  });

  it('reads a row inside a longer array', () => {
    assert.deepEqual(softmax([9, 9, 0, 0], 2, 2), Float64Array.of(0.5, 0.5));
  });
});

describe('softmaxJacobianNorm', () => {
  it('is ‖diag(p) − p pᵀ‖ written out', () => {
    const p = softmax([0.3, -1, 2, 0.1]);
    let sum = 0;
    for (let a = 0; a < 4; a++)
      for (let b = 0; b < 4; b++) sum += ((a === b ? p[a]! : 0) - p[a]! * p[b]!) ** 2;
    near(softmaxJacobianNorm(p), Math.sqrt(sum));
  });

  it('keeps its digits where the answer is as good as certain', () => {
    // Two classes at a gap of 30: every entry of S(p) is ±p(1 − p), and 1 − p = e⁻³⁰/(1 + e⁻³⁰).
    const doubt = Math.exp(-30) / (1 + Math.exp(-30));
    near(softmaxJacobianNorm(softmax([30, 0])) / (2 * doubt * (1 - doubt)), 1, 1e-12);
    const { logProbability } = directionalChange(softmax([30, 0]), 0, Float64Array.of(1, 0));
    near(Math.sqrt(logProbability) / doubt, 1, 1e-12);
  });

  it('is 1/2 for two equal classes and small again for a flat answer over many', () => {
    near(softmaxJacobianNorm(softmax([0, 0])), 0.5);
    near(softmaxJacobianNorm(softmax(new Array<number>(1000).fill(0))), Math.sqrt(999) / 1000);
  });
});

describe('directionalChange', () => {
  it('is S(p) dz, (e_ŷ − p)·dz and the centred dz', () => {
    // p = (1/4, 3/4), dz = (1, −1): S(p) dz = (3/8, −3/8), (e_1 − p)·dz = −1/2, dz is centred.
    const change = directionalChange(Float64Array.of(0.25, 0.75), 1, Float64Array.of(1, -1));
    near(change.probabilities, 2 * (3 / 8) ** 2);
    near(change.logProbability, 0.25);
    near(change.logits, 2);
  });

  it('ignores a constant added to all logits', () => {
    const p = softmax([1, 2, 3]);
    const change = directionalChange(p, 2, Float64Array.of(5, 5, 5));
    near(change.probabilities, 0, 1e-28);
    near(change.logProbability, 0, 1e-28);
    near(change.logits, 0, 1e-28);
  });
});
