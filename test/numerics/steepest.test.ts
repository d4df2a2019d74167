import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import type { Measurement } from '../../src/numerics/jacobian/measurement.ts';
import type { Prior } from '../../src/numerics/jacobian/prior.ts';
import { measureSequentially, type SequentialPlan } from '../../src/numerics/jacobian/sequential.ts';
import { softmax, softmaxJacobianNorm } from '../../src/numerics/jacobian/softmax.ts';
import {
  byLogit,
  deflate,
  orthonormalise,
  expectedRatios,
  writeContrast,
} from '../../src/numerics/jacobian/steepest.ts';
import {
  type ClosedForm,
  frobenius,
  linearSoftmax,
  plainInput,
  probabilityJacobian,
  pullBackOf,
  reluMlp,
} from './closed-forms.ts';

const D = 60;
const input = plainInput(D, 3);

/** ‖(e_ŷ − p)ᵀ J_z‖ in float64. */
function logNorm(form: ClosedForm): number {
  const p = softmax(form.logits(input.values));
  const Jz = form.logitJacobian(input.values);
  const best = byLogit(form.logits(input.values))[0]!;
  const gradient = Float64Array.from({ length: D }, (_, i) => {
    let sum = Jz[best * D + i]!;
    for (let c = 0; c < p.length; c++) sum -= p[c]! * Jz[c * D + i]!;
    return sum;
  });
  return frobenius(gradient);
}

function measure(form: ClosedForm, threshold: number | null, plan: SequentialPlan): Promise<Measurement> {
  return runMeasurement(
    measureSequentially(input, threshold, plan, Uint32Array.of(1, 9, 9, 9)),
    form.classify,
    D,
    {
      classes: form.classes,
      pullBack: pullBackOf(form),
    },
  );
}

const learned = { location: 0, slope: 1, deviation: 1 };
const plan: SequentialPlan = {
  looks: [0, 1, 2, 4, 8],
  error: 0.01,
  difference: 'forward',
  step: 1e-3,
  confidence: 0.9,
  prior: null,
  steepest: { step: 1e-3, rest: [learned] },
};

describe('writeContrast', () => {
  const logits = [1, 4, 2, 3.5];
  const order = byLogit(logits);
  const u = new Float64Array(4);

  it('is parallel to e_ŷ − p in the first round', () => {
    const p = softmax(logits);
    writeContrast(logits, order, 0, u);
    const doubt = 1 - p[1]!;
    for (let c = 0; c < 4; c++)
      assert.ok(Math.abs(u[c]! - ((c === 1 ? 1 : 0) - p[c]!) / doubt) < 1e-12, String(u));
  });

  it('sets the next class against those after it in the second, and sums to zero', () => {
    writeContrast(logits, order, 1, u);
    assert.equal(u[1], 0);
    assert.equal(u[3], 1);
    assert.ok(Math.abs(u[0]! + u[2]! + 1) < 1e-12);
  });

  it('keeps its digits where softmax rounds to one', () => {
    writeContrast([0, 800, 1, 2], [1, 3, 2, 0], 0, u);
    assert.ok(Math.abs(u[0]! + u[2]! + u[3]! + 1) < 1e-12 && u[3]! < u[2]! && u[2]! < u[0]!);
  });
});

describe('expectedRatios', () => {
  it('is what S(p), written out, keeps outside the contrasts', () => {
    const logits = [0.3, 1.1, 0.9, -0.4, 0.8];
    const p = softmax(logits);
    const order = byLogit(logits);
    const basis: Float64Array[] = [];
    let inside = 0;
    const expected: number[] = [];
    for (let round = 0; round < 4; round++) {
      const u = new Float64Array(5);
      writeContrast(logits, order, round, u);
      orthonormalise(u, basis);
      basis.push(u);
      for (let a = 0; a < 5; a++) {
        let moved = 0;
        for (let b = 0; b < 5; b++) moved += ((a === b ? p[a]! : 0) - p[a]! * p[b]!) * u[b]!;
        inside += moved ** 2;
      }
      expected.push(3e-3 + Math.max(0, softmaxJacobianNorm(p) ** 2 / inside - 1));
    }
    const found = expectedRatios(logits, p, 4);
    for (const [i, value] of found.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-9, `${i}`);
    // Four contrasts of five classes span all that S(p) has.
    assert.ok(Math.abs(found[3]! - 3e-3) < 1e-9);
    assert.ok(found[0]! > found[1]! && found[1]! > found[2]!);
  });
});

describe('orthonormalise', () => {
  it('refuses what is zero, not finite, or in the span of the others', () => {
    const unit = Float32Array.of(1, 0, 0);
    assert.equal(orthonormalise(new Float32Array(3), []), false);
    assert.equal(orthonormalise(Float32Array.of(NaN, 1, 0), []), false);
    assert.equal(orthonormalise(Float32Array.of(5, 1e-6, 0), [unit]), false);
  });

  it('leaves a unit vector across the others', () => {
    const unit = Float32Array.of(0.6, 0.8, 0);
    const v = Float32Array.of(3, -1, 2);
    assert.ok(orthonormalise(v, [unit]));
    assert.ok(Math.abs(v[0]! * 0.6 + v[1]! * 0.8) < 1e-7);
    assert.ok(Math.abs(frobenius(v) - 1) < 1e-6);
    const w = Float32Array.from(v);
    deflate(w, [unit, v]);
    assert.ok(frobenius(w) < 1e-6);
  });
});

describe('measureSequentially along steepest directions', () => {
  for (const [name, form] of [
    ['linear softmax', linearSoftmax(D, 5, 21)],
    ['ReLU MLP', reluMlp(D, 30, 4, 31)],
  ] as const) {
    const truth = frobenius(probabilityJacobian(form, input.values));

    it(`captures all of ‖J‖ in C − 1 rounds: ${name}`, async () => {
      const rounds = Array<typeof learned>(form.classes - 1).fill(learned);
      const { rounds: found, probes } = await measure(form, null, {
        ...plan,
        looks: [1],
        steepest: { step: 1e-3, rest: rounds },
      });
      const captured = found.map((round) => round.captured);
      assert.equal(captured.length, form.classes - 1);
      assert.equal(probes, form.classes);
      for (let i = 1; i < captured.length; i++) assert.ok(captured[i]! >= captured[i - 1]!);
      // Forward differences in float32 along a unit vector.
      assert.ok(Math.abs(Math.sqrt(captured.at(-1)!) / truth - 1) < 3e-3, `${captured.join()} ${truth ** 2}`);
    });

    it(`measures the log sensitivity with one direction: ${name}`, async () => {
      const { logSensitivity } = await measure(form, truth * 1e-6, plan);
      assert.ok(Math.abs(logSensitivity! / logNorm(form) - 1) < 3e-3);
    });

    it(`is unbiased for the rest: ${name}`, async () => {
      const runs = 400;
      let sum = 0;
      let least = Infinity;
      for (let run = 1; run <= runs; run++) {
        const { sensitivity, rounds } = await runMeasurement(
          measureSequentially(input, null, { ...plan, looks: [2] }, Uint32Array.of(run, 2, 3, 4)),
          form.classify,
          D,
          { classes: form.classes, pullBack: pullBackOf(form) },
        );
        sum += sensitivity ** 2;
        least = rounds[0]!.captured;
      }
      // Relative SD of the rest is at most 1 a run.
      const rest = truth ** 2 - least;
      assert.ok(rest > 0);
      assert.ok(
        Math.abs(sum / runs - truth ** 2) < (5 * rest) / Math.sqrt(runs) + 3e-3 * truth ** 2,
        `${sum / runs} ${truth ** 2}, of which captured ${least}`,
      );
    });
  }

  const form = linearSoftmax(D, 5, 21);
  const truth = frobenius(probabilityJacobian(form, input.values));

  it('is above as soon as what is captured is, with nothing known beforehand', async () => {
    const { verdict, probes, passes } = await measure(form, truth * 0.5, plan);
    // The base pass, a gradient (two passes) and one difference.
    assert.deepEqual([verdict, probes, passes], ['above', 1, 4]);
  });

  it('does not say below for an unknown input before it has looked across the steepest direction', async () => {
    const { verdict, probes, rounds } = await measure(form, truth * 1e4, plan);
    assert.equal(verdict, 'below');
    assert.equal(rounds.length, 1);
    assert.equal(probes, 2);
  });

  it('decides by what calibration learned of the rest', async () => {
    const s = Math.log(softmaxJacobianNorm(softmax(form.logits(input.values))));
    const prior: Prior = {
      intercept: Math.log(truth) - s,
      slope: 0,
      deviation: 0.5,
      support: [s - 1, s + 1],
    };
    const known = { ...plan, prior };
    assert.equal((await measure(form, truth * 10, known)).probes, 0);
    const near = await measure(form, truth * 1.2, {
      ...known,
      steepest: { step: 1e-3, rest: [{ location: -2, slope: 1, deviation: 0.2 }] },
    });
    assert.deepEqual([near.verdict, near.probes], ['below', 1]);
    const doubtful = await measure(form, truth * 1.02, known);
    assert.ok(doubtful.probes > 1, 'a rest that may reach the threshold is probed');
  });

  it('goes on at random where the gradient is zero', async () => {
    const flat = {
      classes: 5,
      pullBack: (_: Float32Array, __: Float32Array, n: number) => new Float32Array(n * D),
    };
    const { rounds, probes } = await runMeasurement(
      measureSequentially(input, null, { ...plan, looks: [4] }, Uint32Array.of(1, 2, 3, 4)),
      form.classify,
      D,
      flat,
    );
    assert.deepEqual([rounds, probes], [[], 4]);
  });

  it('refuses a gradient that is not a number', async () => {
    const broken = {
      classes: 5,
      pullBack: (_: Float32Array, __: Float32Array, n: number) => new Float32Array(n * D).fill(NaN),
    };
    await assert.rejects(
      runMeasurement(
        measureSequentially(input, null, plan, Uint32Array.of(1, 2, 3, 4)),
        form.classify,
        D,
        broken,
      ),
      /finite/,
    );
  });

  it('says so when there are no gradients to be had', async () => {
    await assert.rejects(
      runMeasurement(measureSequentially(input, null, plan, Uint32Array.of(1, 2, 3, 4)), form.classify, D),
      /expected a classifier with gradients/,
    );
  });
});
