import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  fitLogistic,
  type Logistic,
  LogisticError,
  predictLogistic,
} from '../../src/numerics/regression/logistic.ts';
import { createUniform } from '../../src/numerics/random.ts';

/** Newton's last step is below 1e-8, and what is left is about its square: rounding over the examples. */
const CONVERGED = 1e-10;

function assertClose(actual: number, expected: number, tolerance = CONVERGED): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, expected ${expected}`);
}

const sigmoid = (eta: number): number => 1 / (1 + Math.exp(-eta));

const codeOf = (code: LogisticError['code']) => (error: unknown) =>
  error instanceof LogisticError && error.code === code;

/**
 * n examples of two dependent features on scales of their own, true with P = σ(−1 + 0.8 a − 0.5 b) of their
 * standardised values.
 */
function draw(n: number, seed: number): { features: Float64Array; labels: boolean[] } {
  const uniform = createUniform(Uint32Array.of(seed, 1, 2, 3));
  const features = new Float64Array(2 * n);
  const labels: boolean[] = [];
  for (let i = 0; i < n; i++) {
    const a = Math.sqrt(12) * (uniform() - 0.5);
    const b = 0.6 * a + 0.8 * Math.sqrt(12) * (uniform() - 0.5);
    features.set([1000 + 30 * a, 1e-3 * b], 2 * i);
    labels.push(uniform() < sigmoid(-1 + 0.8 * a - 0.5 * b));
  }
  return { features, labels };
}

/** ∂/∂(intercept, coefficients) of Σ w ln P − ridge/2 ‖coefficients‖², by its definition. */
function gradientOf(
  model: Logistic,
  features: Float64Array,
  labels: readonly boolean[],
  weights: Float64Array,
  ridge: number,
): number[] {
  const d = model.coefficients.length;
  const gradient = [0, ...model.coefficients.map((coefficient) => -ridge * coefficient)];
  labels.forEach((label, i) => {
    const x = features.subarray(i * d, (i + 1) * d);
    const residual = weights[i]! * (Number(label) - predictLogistic(model, x));
    gradient[0]! += residual;
    x.forEach((value, j) => {
      gradient[j + 1]! += (residual * (value - model.means[j]!)) / model.deviations[j]!;
    });
  });
  return gradient;
}

describe('fitLogistic', () => {
  it('is the log-odds of the labels where there is no feature', () => {
    const model = fitLogistic({ features: new Float64Array(), labels: [true, false, false, false] }, 0);
    assertClose(model.intercept, Math.log(1 / 3));
    assertClose(predictLogistic(model, []), 0.25);
  });

  it('gives each side of one feature of two values the share it has', () => {
    // 1 of 4 true at 0, 4 of 6 at 1: a saturated model.
    const features = Float64Array.of(0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
    const labels = [true, false, false, false, true, true, true, true, false, false];
    const model = fitLogistic({ features, labels }, 0);
    assertClose(predictLogistic(model, [0]), 1 / 4);
    assertClose(predictLogistic(model, [1]), 4 / 6);
    // Log-odds ratio ln((4/2)/(1/3)) = ln 6, over a deviation of √(0.4·0.6).
    assertClose(model.coefficients[0]!, Math.log(6) * Math.sqrt(0.24));
  });

  it('solves the one equation of a symmetric separable case with a ridge', () => {
    // ±1 with labels alike: the intercept is 0, and 2σ(−β) = ridge β.
    const model = fitLogistic({ features: Float64Array.of(-1, 1), labels: [false, true] }, 0.3);
    assertClose(model.intercept, 0);
    const beta = model.coefficients[0]!;
    assertClose(2 * sigmoid(-beta), 0.3 * beta);
  });

  for (const ridge of [0, 1, 50]) {
    const { features, labels } = draw(800, 4);
    const weights = Float64Array.from(labels, (_, i) => 0.5 + (i % 3));
    const model = fitLogistic({ features, labels, weights }, ridge);

    it(`ends where the gradient is zero, with a ridge of ${ridge}`, () => {
      for (const component of gradientOf(model, features, labels, weights, ridge))
        assertClose(component, 0, 1e-8);
    });

    it(`keeps Σ w p = Σ w y, with a ridge of ${ridge}`, () => {
      let predicted = 0;
      let observed = 0;
      labels.forEach((label, i) => {
        predicted += weights[i]! * predictLogistic(model, features.subarray(2 * i, 2 * i + 2));
        observed += weights[i]! * Number(label);
      });
      // Of a sum of 1,200.
      assertClose(predicted, observed, 1e-8);
    });
  }

  it('recovers known coefficients on features of very different scale', () => {
    const n = 40_000;
    const { intercept, coefficients, means, deviations } = fitLogistic(draw(n, 5), 0);
    // Fisher information per example is p(1−p) ≥ 0.1 here, less 36% for the dependence: SE ≤ √(1/(0.064 n)) =
    // 0.02; four of them.
    assertClose(intercept, -1, 0.08);
    assertClose(coefficients[0]!, 0.8, 0.08);
    assertClose(coefficients[1]!, -0.5, 0.08);
    assertClose(means[0]!, 1000, 1);
    assertClose(deviations[1]! / 1e-3, 1, 0.02);
  });

  it('takes a weight for so many copies, and 0 for none', () => {
    const { features, labels } = draw(60, 6);
    const copies = labels.map((_, i) => i % 4);
    const repeated = copies.flatMap((count, i) => Array<number>(count).fill(i));
    const weighted = fitLogistic({ features, labels, weights: Float64Array.from(copies) }, 0.5);
    const copied = fitLogistic(
      {
        features: Float64Array.from(repeated.flatMap((i) => [features[2 * i]!, features[2 * i + 1]!])),
        labels: repeated.map((i) => labels[i]!),
      },
      0.5,
    );
    assertClose(weighted.intercept, copied.intercept);
    weighted.coefficients.forEach((value, j) => {
      assertClose(value, copied.coefficients[j]!);
    });
  });

  it('shrinks coefficients as the ridge grows, and lets the intercept be', () => {
    const examples = draw(500, 7);
    const [none, some, much] = [0, 100, 1e9].map((ridge) => fitLogistic(examples, ridge));
    assert.ok(Math.abs(some!.coefficients[0]!) < Math.abs(none!.coefficients[0]!));
    assertClose(much!.coefficients[0]!, 0, 1e-5);
    const positive = examples.labels.filter(Boolean).length;
    assertClose(much!.intercept, Math.log(positive / (500 - positive)), 1e-5);
  });

  it('gives the same bits from the same examples', () => {
    assert.deepEqual(fitLogistic(draw(300, 8), 1), fitLogistic(draw(300, 8), 1));
  });

  it('converges in a few steps, separable classes with a small ridge in some more', () => {
    assert.ok(fitLogistic(draw(500, 9), 0).iterations <= 10);
    const apart = {
      features: Float64Array.of(1, 2, 3, 4, 5, 6),
      labels: [false, false, false, true, true, true],
    };
    assert.ok(fitLogistic(apart, 1e-4).iterations <= 30);
  });

  it('gives a feature that never varies no weight with a ridge', () => {
    const features = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 3, 0.1, 4);
    const model = fitLogistic({ features, labels: [false, true, false, true] }, 1);
    assert.equal(model.coefficients[0], 0);
    assert.ok(Number.isFinite(predictLogistic(model, [0.2, 2])));
  });
});

describe('fitLogistic without a ridge', () => {
  it('refuses classes that the features separate', () => {
    const features = Float64Array.of(1, 2, 3, 4);
    assert.throws(
      () => fitLogistic({ features, labels: [false, false, true, true] }, 0),
      codeOf('separable'),
    );
  });

  it('refuses classes that are separated on one side only', () => {
    // All at 1 are true, at 0 both occur.
    const features = Float64Array.of(0, 0, 0, 1, 1);
    assert.throws(
      () => fitLogistic({ features, labels: [true, false, false, true, true] }, 0),
      codeOf('separable'),
    );
  });

  it('refuses a feature that never varies, and one that follows from the others', () => {
    const labels = [true, false, true, false, true];
    const constant = Float64Array.of(1, 7, 2, 7, 3, 7, 4, 7, 5, 7);
    assert.throws(() => fitLogistic({ features: constant, labels }, 0), /feature 1 never varies/);
    const doubled = Float64Array.of(1, 2, 2, 4, 3, 6, 4, 8, 5, 10);
    assert.throws(() => fitLogistic({ features: doubled, labels }, 0), codeOf('collinear'));
  });
});

describe('fitLogistic with any ridge', () => {
  it('refuses labels of one class, or of one class by weight', () => {
    const features = Float64Array.of(1, 2);
    assert.throws(() => fitLogistic({ features, labels: [true, true] }, 1), codeOf('one_class'));
    assert.throws(
      () => fitLogistic({ features, labels: [true, false], weights: Float64Array.of(1, 0) }, 1),
      codeOf('one_class'),
    );
  });

  it('refuses numbers that are none, and lengths that differ', () => {
    const labels = [true, false];
    assert.throws(() => fitLogistic({ features: Float64Array.of(1, NaN), labels }, 1), /finite/);
    assert.throws(() => fitLogistic({ features: Float64Array.of(1, 2, 3), labels }, 1), /multiple/);
    assert.throws(() => fitLogistic({ features: Float64Array.of(1, 2), labels }, -1), /ridge/);
    assert.throws(
      () => fitLogistic({ features: Float64Array.of(1, 2), labels, weights: Float64Array.of(1, -1) }, 1),
      /at least 0/,
    );
  });
});

describe('predictLogistic', () => {
  it('refuses another number of features', () => {
    const model = fitLogistic({ features: Float64Array.of(1, 2), labels: [true, false] }, 1);
    assert.throws(() => predictLogistic(model, [1, 2]), /expected 1 features, got 2/);
  });
});
