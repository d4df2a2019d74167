import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { NotMeasurableError } from '../../src/numerics/jacobian/not-measurable-error.ts';
import type { Measurement } from '../../src/numerics/jacobian/measurement.ts';
import type { Prior } from '../../src/numerics/jacobian/prior.ts';
import { measureSequentially, type SequentialPlan } from '../../src/numerics/jacobian/sequential.ts';
import { softmax, softmaxJacobianNorm } from '../../src/numerics/jacobian/softmax.ts';
import {
  type ClosedForm,
  frobenius,
  linearSoftmax,
  plainInput,
  probabilityJacobian,
} from './closed-forms.ts';

const plan: SequentialPlan = {
  looks: [1, 2, 4, 8, 16, 32, 64],
  error: 0.01,
  difference: 'forward',
  step: 1e-3,
  confidence: 0.9,
  prior: null,
  steepest: null,
};
const budget = (k: number, changes: Partial<SequentialPlan> = {}): SequentialPlan => ({
  ...plan,
  looks: [k],
  ...changes,
});

/** χ²_1 has so much weight near zero that one direction is certain only very far from the threshold. */
const FAR = 1e5;

const D = 60;
const input = plainInput(D, 3);
// Two classes: S(p) J_z has rank one, the worst case of the χ² law.
const rankOne = linearSoftmax(D, 2, 22);
const rankOneNorm = frobenius(probabilityJacobian(rankOne, input.values));

function measure(
  form: ClosedForm,
  threshold: number | null,
  how: SequentialPlan,
  seed: number,
): Promise<Measurement> {
  return runMeasurement(
    measureSequentially(input, threshold, how, Uint32Array.of(seed, 9, 9, 9)),
    form.classify,
    D,
  );
}

describe('measureSequentially with a fixed budget', () => {
  const form = linearSoftmax(D, 5, 21);
  const truth = frobenius(probabilityJacobian(form, input.values));

  for (const difference of ['forward', 'central'] as const) {
    it(`is unbiased for ‖J‖² by ${difference} differences`, async () => {
      const runs = 3000;
      let sum = 0;
      for (let run = 1; run <= runs; run++) {
        sum += (await measure(form, null, budget(2, { difference }), run)).sensitivity ** 2;
      }
      // Relative SD of one run is at most √(2/k) = 1, the rank-one case; five standard errors.
      assert.ok(Math.abs(sum / runs / truth ** 2 - 1) < 5 / Math.sqrt(runs));
    });
  }

  it('approaches the closed form as directions grow', async () => {
    const { sensitivity } = await measure(form, null, budget(2000), 1);
    // Relative SD √(1/2k) = 1.6%; four of them.
    assert.ok(Math.abs(sensitivity / truth - 1) < 4 * Math.sqrt(1 / 4000));
  });

  it('covers the truth with its interval as often as it says, for a Jacobian of rank one', async () => {
    const runs = 3000;
    for (const k of [1, 4, 16]) {
      let covered = 0;
      for (let run = 1; run <= runs; run++) {
        const [low, high] = (await measure(rankOne, null, budget(k), run)).interval!;
        if (low <= rankOneNorm && rankOneNorm <= high) covered++;
      }
      // Nominal 90%; four binomial standard errors either way.
      assert.ok(
        Math.abs(covered / runs - 0.9) < 4 * Math.sqrt((0.9 * 0.1) / runs),
        `k = ${k}: ${covered / runs}`,
      );
    }
  });

  it('gives the same value bit for bit from the same seed, and another from another', async () => {
    const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => measure(form, null, budget(8), seed)));
    assert.equal(a!.sensitivity, b!.sensitivity);
    assert.notEqual(a!.sensitivity, c!.sensitivity);
  });

  it('says what it cost: one pass a direction forward, two central', async () => {
    assert.equal((await measure(form, null, budget(8), 1)).passes, 9);
    assert.equal((await measure(form, null, budget(8, { difference: 'central' }), 1)).passes, 17);
  });

  it('does not take a step function for a stable answer', async () => {
    const steps = (_: Float32Array, count: number): Float32Array => new Float32Array(count * 3).fill(0.5);
    await assert.rejects(
      runMeasurement(measureSequentially(input, 1, plan, Uint32Array.of(1, 1, 1, 1)), steps, D),
      NotMeasurableError,
    );
  });

  it('refuses infinite logits at the probes', async () => {
    let calls = 0;
    const broken = (_: Float32Array, count: number): Float32Array =>
      new Float32Array(count * 2).fill(calls++ === 0 ? 0 : Infinity);
    await assert.rejects(
      runMeasurement(measureSequentially(input, null, plan, Uint32Array.of(1, 1, 1, 1)), broken, D),
      NotMeasurableError,
    );
  });
});

describe('measureSequentially without a prior', () => {
  it('leaves at the first look that puts the norm on one side', async () => {
    const far = await measure(rankOne, rankOneNorm * FAR, plan, 1);
    assert.deepEqual([far.verdict, far.probes], ['below', 1]);
    const above = await measure(rankOne, rankOneNorm / 5, plan, 1);
    assert.equal(above.verdict, 'above');
    assert.ok(above.probes <= 8, `${above.probes} directions`);
  });

  it('is undecided at the end of its budget when the norm lies at the threshold', async () => {
    const seeds = Array.from({ length: 200 }, (_, i) => i + 1);
    const verdicts = await Promise.all(
      seeds.map(async (seed) => (await measure(rankOne, rankOneNorm, plan, seed)).verdict),
    );
    // All looks together err on at most 1% on either side.
    assert.ok(verdicts.filter((verdict) => verdict === 'undecided').length >= 190);
  });

  for (const [side, factor] of [
    ['below', 0.8],
    ['above', 1.25],
  ] as const) {
    it(`errs on at most δ of the norms that lie ${side} by a quarter, all looks together`, async () => {
      const runs = 3000;
      const wrong = side === 'below' ? 'above' : 'below';
      let errors = 0;
      for (let seed = 1; seed <= runs; seed++) {
        if ((await measure(rankOne, rankOneNorm / factor, plan, seed)).verdict === wrong) errors++;
      }
      // Four binomial standard errors above the nominal 1%.
      assert.ok(errors / runs <= 0.01 + 4 * Math.sqrt(0.0099 / runs), `${errors} of ${runs}`);
    });
  }
});

describe('measureSequentially with a prior', () => {
  const softmaxNorm = softmaxJacobianNorm(softmax(rankOne.logits(input.values)));
  const s = Math.log(softmaxNorm);
  const prior: Prior = {
    intercept: Math.log(rankOneNorm) - s,
    slope: 0,
    deviation: 0.3,
    support: [s - 1, s + 1],
  };
  const early: SequentialPlan = { ...plan, looks: [0, ...plan.looks], prior };

  it('needs no probe far from the threshold, and reports what the prior says', async () => {
    const measured = await measure(rankOne, rankOneNorm * 10, early, 1);
    assert.deepEqual([measured.verdict, measured.probes, measured.passes], ['below', 0, 1]);
    assert.equal(measured.logSensitivity, null);
    const [low, high] = measured.interval!;
    assert.ok(low < rankOneNorm && rankOneNorm < high);
    // The median of a log-normal, by linear interpolation on the grid.
    assert.ok(Math.abs(measured.sensitivity / rankOneNorm - 1) < 1e-3);
  });

  it('probes near the threshold', async () => {
    assert.ok((await measure(rankOne, rankOneNorm * 1.3, early, 1)).probes > 0);
  });

  it('probes an input unlike any that calibration saw, however far from the threshold', async () => {
    const elsewhere = { ...early, prior: { ...prior, support: [s + 1, s + 2] as const } };
    const measured = await measure(rankOne, rankOneNorm * FAR, elsewhere, 1);
    assert.deepEqual([measured.verdict, measured.probes], ['below', 1]);
  });

  it('takes at least one direction where the looks begin at one', async () => {
    assert.equal((await measure(rankOne, rankOneNorm * 1000, { ...early, looks: plan.looks }, 1)).probes, 1);
  });

  it('is overruled by probes that contradict it', async () => {
    const wrong: Prior = { ...prior, intercept: prior.intercept + Math.log(20), deviation: 1 };
    const { sensitivity } = await measure(rankOne, null, { ...early, looks: [64], prior: wrong }, 1);
    // Relative SD of 64 directions is 9%; four of them.
    assert.ok(Math.abs(sensitivity / rankOneNorm - 1) < 0.36);
  });
});
