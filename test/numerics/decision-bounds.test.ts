import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decisionThreshold, type StoppingRule } from '../../src/numerics/jacobian/decision-bounds.ts';
import type { Measurement } from '../../src/numerics/jacobian/measurement.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import {
  measureSequentially,
  type SequentialPlan,
  type Thresholds,
} from '../../src/numerics/jacobian/sequential.ts';
import { softmax, softmaxJacobianNorm } from '../../src/numerics/jacobian/softmax.ts';
import { linearSoftmax, plainInput, pullBackOf } from './closed-forms.ts';

const D = 40;
const CLASSES = 6;
const form = linearSoftmax(D, CLASSES, 31);
const s = Math.log(softmaxJacobianNorm(softmax(form.logits(plainInput(D, 1).values))));

const plan: SequentialPlan = {
  looks: [0, 1, 2, 4],
  error: 0.05,
  difference: 'forward',
  step: 1e-3,
  confidence: 0.9,
  // Wide, so that some inputs need every look.
  prior: { intercept: 1, slope: 0, deviation: 0.8, support: [s - 9, s + 9] },
  steepest: { step: 1e-3, rest: [{ location: 0, slope: 1, deviation: 1.5 }] },
};

const plans: Record<string, SequentialPlan> = {
  'prior and gradient': plan,
  'prior alone': { ...plan, steepest: null },
  'gradient alone': { ...plan, prior: null },
  neither: { ...plan, prior: null, steepest: null, looks: [1, 2, 4] },
};

function measure(seed: number, threshold: Thresholds | null, how: SequentialPlan): Promise<Measurement> {
  return runMeasurement(
    measureSequentially(plainInput(D, seed), threshold, how, Uint32Array.of(seed, 5, 5, 5)),
    form.classify,
    D,
    { classes: CLASSES, pullBack: pullBackOf(form) },
  );
}

function scoreOf(measured: Measurement, how: StoppingRule): number {
  const { probabilities, rounds, looks } = measured;
  return decisionThreshold(how, { softmaxNorm: softmaxJacobianNorm(probabilities), rounds, looks });
}

for (const [name, how] of Object.entries(plans)) {
  describe(`the decision threshold, with ${name}`, () => {
    it('tells what the service decides at every threshold', async () => {
      for (let seed = 1; seed <= 40; seed++) {
        const score = scoreOf(await measure(seed, null, how), how);
        for (const factor of [0.25, 0.8, 0.999, 1, 1.001, 1.25, 4]) {
          const threshold = score === Infinity ? 1e6 * factor : score * factor;
          const { verdict } = await measure(seed, threshold, how);
          assert.equal(verdict === 'below', score <= threshold, `seed ${seed} at ${factor} times ${score}`);
        }
      }
    });

    it('is the same within a band of thresholds when the input leaves once it is decided for all of them', async () => {
      let left = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const whole = await measure(seed, null, how);
        for (const [from, to] of [
          [0.005, 0.02],
          [0.5, 2],
          [50, 200],
        ] as const) {
          const [low, high] = [whole.sensitivity * from, whole.sensitivity * to];
          const banded = await measure(seed, [low, high], how);
          if (banded.passes < whole.passes) left++;
          for (const threshold of [low, (low + high) / 2, high]) {
            assert.equal(scoreOf(banded, how) <= threshold, scoreOf(whole, how) <= threshold);
          }
        }
      }
      assert.ok(left > 0, 'no input left early');
    });
  });
}
