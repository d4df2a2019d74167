import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MeasuredInput } from '../../src/gate/signals/measured-input.ts';
import { riskFeatures, riskOf } from '../../src/gate/signals/risk-model.ts';
import { fitRisk } from '../../src/study/calibration/fit-risk.ts';
import { createUniform } from '../../src/numerics/random.ts';
import type { TransformMeasurement } from '../../src/numerics/jacobian/transform-sensitivity.ts';
import { twoClassMeasurement } from './two-class-measurement.ts';

/** Two classes, the first predicted with probability p; copies agree with probability a. */
function input(
  p: number,
  a: number,
  logSensitivity: number | null = 1,
): MeasuredInput & { readonly transforms: TransformMeasurement } {
  const transforms = {
    sensitivity: 1 - a,
    agreement: a,
    each: [{ name: 'mirror', sensitivity: 1 - a, agreement: a } as const],
    passes: 1,
  };
  return { ...twoClassMeasurement(p, { logSensitivity }), transforms, copies: null, statistics: null };
}

describe('risk', () => {
  const uniform = createUniform(Uint32Array.of(8, 8, 8, 8));
  // The chance to be wrong is 1 − a, whatever p says.
  const inputs = Array.from({ length: 4000 }, () => input(0.5 + uniform() / 2, 0.05 + 0.9 * uniform()));
  const wrong = inputs.map(({ transforms }) => uniform() > transforms.agreement);
  const model = fitRisk(inputs, wrong);

  it('learns from the images which signal tells of errors', () => {
    assert.ok(riskOf(model, input(0.9, 0.9)) < riskOf(model, input(0.9, 0.2)));
    const [confident, unconfident] = [riskOf(model, input(0.99, 0.5)), riskOf(model, input(0.6, 0.5))];
    assert.ok(Math.abs(confident - unconfident) < 0.1, `${confident} ${unconfident}`);
  });

  it('sums to the errors there were, as a regression with a free intercept does', () => {
    const sum = inputs.reduce((total, one) => total + riskOf(model, one), 0);
    assert.ok(Math.abs(sum - wrong.filter(Boolean).length) < 1e-3);
  });

  it('is not a number, which nobody accepts, where a feature was not measured', () => {
    assert.equal(riskFeatures(input(0.9, 0.9, null)), null);
    assert.ok(Number.isNaN(riskOf(model, input(0.9, 0.9, null))));
  });

  it('has finite features at the ends of every scale', () => {
    for (const extreme of [input(1, 1, 0), input(0.5, 0, 1e6)]) {
      assert.ok(Object.values(riskFeatures(extreme)!).every(Number.isFinite));
    }
  });
});
