import { factorise, solve } from './cholesky.ts';
import { standardise } from './standardise.ts';

/** Labelled examples to fit a probability to. */
export interface Examples {
  /** (n, features) row-major. */
  readonly features: Float64Array;
  /** n labels; what is fitted is the probability of `true`. */
  readonly labels: ArrayLike<boolean>;
  /** n numbers ≥ 0, how much each example counts; 1 where they are left out. */
  readonly weights?: Float64Array;
}

/** P(true | x) = σ(intercept + Σ_j coefficients_j (x_j − means_j)/deviations_j). */
export interface Logistic {
  readonly intercept: number;
  /** Per standard deviation of each feature. */
  readonly coefficients: readonly number[];
  /** Of the features among the examples; a feature that never varies has a deviation of 1. */
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  /** Newton steps taken until nothing changed. */
  readonly iterations: number;
}

/** Examples to which no logistic regression can be fitted, and why. */
export class LogisticError extends Error {
  override readonly name = 'LogisticError';
  readonly code: 'one_class' | 'separable' | 'collinear';

  constructor(code: LogisticError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const MOST_ITERATIONS = 100;

/** A step this small, in coefficients, is the last: Newton's next would be about its square. */
const LAST_STEP = 1e-8;

/** A step that raises the loss by less than this share of it raises it by rounding. */
const ROUNDING = 1e-13;

/**
 * L2-regularised logistic regression on standardised features, by Newton's method (iteratively reweighted
 * least squares).
 *
 * Minimises −Σ_i w_i ln P(label_i | x_i) + Σ_j ridge_j/2 · coefficients_j². The intercept is free, so that
 * the probabilities sum to what was observed, Σ w p = Σ w y, whatever the ridge. Steps that do not lower the
 * loss are halved. O(n · features²) a step, about ten steps; the same examples in the same order give the
 * same bits.
 *
 * @param ridge At least 0, for all features or for each. 1 is a standard normal prior of each coefficient; 0
 * is
 * maximum likelihood, which needs features that do not depend linearly on each other and classes that
 * overlap.
 * @throws LogisticError
 * @throws RangeError where lengths differ, a number is not finite, or a weight or the ridge is negative
 * @see Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 4.4.1.
 */
export function fitLogistic(
  { features, labels, weights: given }: Examples,
  ridge: number | readonly number[],
): Logistic {
  const n = labels.length;
  const weights = given ?? new Float64Array(n).fill(1);
  requireNumbers(features, weights, n);
  const ridges = ridgesOf(ridge, features.length / n);
  let positive = 0;
  let negative = 0;
  for (let i = 0; i < n; i++) {
    if (labels[i]!) positive += weights[i]!;
    else negative += weights[i]!;
  }
  if (positive === 0 || negative === 0) {
    throw new LogisticError('one_class', `expected examples of both classes, got ${n} of one`);
  }
  const { values, means, deviations } = standardise(features, weights);
  const size = means.length + 1;
  const problem: Problem = { values, labels, weights, ridges, size };
  let beta = new Float64Array(size);
  beta[0] = Math.log(positive / negative);
  let here = lossAt(problem, beta);
  for (let iterations = 1; iterations <= MOST_ITERATIONS; iterations++) {
    const step = newtonStep(problem, beta, iterations === 1);
    let share = 1;
    let next = moved(beta, step, share);
    let there = lossAt(problem, next);
    while (there.loss > here.loss * (1 + ROUNDING) && share > ROUNDING) {
      share /= 2;
      next = moved(beta, step, share);
      there = lossAt(problem, next);
    }
    beta = next;
    here = there;
    if (here.separates && ridges.every((one) => one === 0)) break;
    if (step.every((change) => Math.abs(change) <= LAST_STEP)) {
      return { intercept: beta[0]!, coefficients: [...beta.subarray(1)], means, deviations, iterations };
    }
  }
  throw separable();
}

/** P(true | x) for one example. */
export function predictLogistic(
  { intercept, coefficients, means, deviations }: Logistic,
  x: ArrayLike<number>,
): number {
  if (x.length !== coefficients.length) {
    throw new RangeError(`expected ${coefficients.length} features, got ${x.length}`);
  }
  let eta = intercept;
  for (let j = 0; j < x.length; j++) eta += (coefficients[j]! * (x[j]! - means[j]!)) / deviations[j]!;
  return sigmoid(eta);
}

/** What is minimised over β = (intercept, coefficients). */
interface Problem {
  /** Standardised features, (n, size − 1) row-major. */
  readonly values: Float64Array;
  readonly labels: ArrayLike<boolean>;
  readonly weights: Float64Array;
  /** Of each coefficient. */
  readonly ridges: readonly number[];
  readonly size: number;
}

/**
 * The regularised loss, and whether β puts every example on its side: then without a ridge a longer β has
 * less loss, without end.
 */
function lossAt(problem: Problem, beta: Float64Array): { loss: number; separates: boolean } {
  const { labels, weights, ridges, size } = problem;
  let loss = 0;
  let separates = true;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    const eta = etaOf(problem, beta, i);
    const margin = labels[i]! ? eta : -eta;
    if (margin <= 0) separates = false;
    // −ln σ(margin), of which neither form overflows.
    loss += weights[i]! * (Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
  }
  for (let j = 1; j < size; j++) loss += (ridges[j - 1]! / 2) * beta[j]! * beta[j]!;
  return { loss, separates };
}

/** H⁻¹ g, with g the gradient of −loss and H the Hessian of the loss at β. */
function newtonStep(problem: Problem, beta: Float64Array, first: boolean): Float64Array {
  const { values, labels, weights, ridges, size } = problem;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  const row = new Float64Array(size);
  row[0] = 1;
  for (let i = 0; i < weights.length; i++) {
    const p = sigmoid(etaOf(problem, beta, i));
    const residual = weights[i]! * ((labels[i]! ? 1 : 0) - p);
    const curvature = weights[i]! * p * (1 - p);
    for (let j = 1; j < size; j++) row[j] = values[i * (size - 1) + j - 1]!;
    for (let j = 0; j < size; j++) {
      gradient[j]! += residual * row[j]!;
      for (let k = 0; k <= j; k++) hessian[j * size + k]! += curvature * row[j]! * row[k]!;
    }
  }
  for (let j = 1; j < size; j++) {
    gradient[j]! -= ridges[j - 1]! * beta[j]!;
    hessian[j * size + j]! += ridges[j - 1]!;
  }
  const dependent = factorise(hessian, size);
  // At first every example has the same curvature, and only features can depend on each other. Later,
  // examples far from the boundary lose theirs.
  if (dependent !== -1) throw first ? collinear(dependent - 1) : separable();
  solve(hessian, gradient);
  return gradient;
}

function etaOf({ values, size }: Problem, beta: Float64Array, i: number): number {
  let eta = beta[0]!;
  for (let j = 1; j < size; j++) eta += beta[j]! * values[i * (size - 1) + j - 1]!;
  return eta;
}

function sigmoid(eta: number): number {
  return 1 / (1 + Math.exp(-eta));
}

function moved(beta: Float64Array, step: Float64Array, share: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(beta, (value, j) => value + share * step[j]!);
}

function collinear(feature: number): LogisticError {
  return new LogisticError(
    'collinear',
    `feature ${feature} never varies or follows from those before it: leave it out, or use a ridge above 0`,
  );
}

function separable(): LogisticError {
  return new LogisticError(
    'separable',
    'the features tell the classes apart, wholly or on one side, and coefficients grow without end: ' +
      'use a ridge above 0, or a larger one',
  );
}

function requireNumbers(features: Float64Array, weights: Float64Array, n: number): void {
  if (n === 0 || weights.length !== n || features.length % n !== 0) {
    throw new RangeError(
      `expected as many weights as labels, and features a multiple of that, ` +
        `got ${weights.length}, ${n} and ${features.length}`,
    );
  }
  if (!features.every(Number.isFinite) || !weights.every((weight) => weight >= 0 && weight < Infinity)) {
    throw new RangeError('expected finite features and weights, and weights of at least 0');
  }
}

function ridgesOf(ridge: number | readonly number[], features: number): readonly number[] {
  const ridges = typeof ridge === 'number' ? new Array<number>(features).fill(ridge) : ridge;
  if (ridges.length !== features) {
    throw new RangeError(`expected a ridge for each of ${features} features, got ${ridges.length}`);
  }
  const wrong = ridges.find((one) => !(one >= 0 && one < Infinity));
  if (wrong !== undefined) throw new RangeError(`expected a ridge of at least 0, got ${wrong}`);
  return ridges;
}
