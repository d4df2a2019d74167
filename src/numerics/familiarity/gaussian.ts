import { factorise, solve } from '../regression/cholesky.ts';
import { standardise } from '../regression/standardise.ts';
import { symmetricEigen } from '../regression/symmetric-eigen.ts';

/**
 * Numbers that go together, as those of calibration's images do: one normal distribution for each of the
 * classes that are frequent enough, and one for the rest. They share the deviations and the correlations
 * that a class leaves; in the leading directions of these each class has a covariance of its own.
 */
export interface ClassGaussian {
  /** d numbers each: of all images, before classes are told apart. */
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  /** Classes that have a distribution of their own, ascending. All others have the last, the rest's. */
  readonly classes: readonly number[];
  /** (classes + 1, d), in deviations from the mean of all. */
  readonly classMeans: Float32Array;
  /** (d, d): what makes the differences from a class's mean uncorrelated and of variance 1, largest first. */
  readonly whitening: Float32Array;
  /** (classes + 1, k, k): the inverse covariances in the first k whitened directions. */
  readonly precisions: Float32Array;
}

/** Whitened directions in which a class has a covariance of its own. */
const LEADING = 30;
/** Images that a class needs for a distribution of its own, and how many classes may have one. */
const LEAST_OF_CLASS = 50;
const MOST_CLASSES = 20;
/** Images that the common mean and covariance count for beside a class's own. */
const FOR_COMMON_MEAN = 20;
const FOR_COMMON_COVARIANCE = 100;
/** A number that varies less than this never varied: a quarter of a gray level. */
const LEAST_DEVIATION = 1e-3;
/** Share of the mean variance that is added to each: and more of it where images are few beside numbers. */
const SHRINKAGE = 1e-3;

/** How many leading directions have a covariance by class. */
export function leadingOf(size: number): number {
  return Math.min(size, LEADING);
}

/**
 * Learns what goes together.
 *
 * @param values (n, size) row-major.
 * @param predicted n classes.
 * @throws RangeError unless there are at least two images, and finite numbers
 */
export function fitClassGaussian(
  values: Float64Array,
  size: number,
  predicted: readonly number[],
): ClassGaussian {
  const n = predicted.length;
  if (n < 2 || values.length !== n * size || !values.every(Number.isFinite)) {
    throw new RangeError(`expected ${size} finite numbers of at least two images each, got ${n} images`);
  }
  const standard = standardise(values, new Float64Array(n).fill(1));
  const deviations = standard.deviations.map((deviation, j) =>
    isConstant(standard.values, n, size, j) ? LEAST_DEVIATION : Math.max(LEAST_DEVIATION, deviation),
  );
  const residuals = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    residuals[i] = (values[i]! - standard.means[i % size]!) / deviations[i % size]!;
  }
  const classes = frequentClasses(predicted);
  const slots = predicted.map((one) => slotOf(classes, one));
  const classMeans = subtractMeans(residuals, size, slots, classes.length + 1);
  const covariance = covarianceOf(residuals, size);
  const added = addedVariances(covariance, deviations, n);
  for (let j = 0; j < size; j++) covariance[j * size + j]! += added[j]!;
  const { values: variances, vectors } = symmetricEigen(covariance, size);
  const whitening = vectors.map((one, i) => one / Math.sqrt(variances[Math.floor(i / size)]!));
  return {
    means: Float32Array.from(standard.means),
    deviations: Float32Array.from(deviations),
    classes,
    classMeans: Float32Array.from(classMeans),
    whitening: Float32Array.from(whitening),
    precisions: precisionsOf(residuals, added, whitening, slots, classes.length + 1),
  };
}

/** An input's difference from what its class lets expect. */
export interface ClassDistance {
  /** The squared Mahalanobis distance. NaN where a number is not finite. */
  readonly squared: number;
  /** d differences from the class's mean, in deviations. */
  readonly differences: Float64Array;
}

/** How far `values` lie from the class's mean, against what its images differ by. */
export function classDistance(
  gaussian: ClassGaussian,
  values: Float64Array,
  predicted: number,
): ClassDistance {
  const { means, deviations, classMeans, whitening, precisions, classes } = gaussian;
  const size = values.length;
  const slot = slotOf(classes, predicted);
  const differences = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    differences[j] = (values[j]! - means[j]!) / deviations[j]! - classMeans[slot * size + j]!;
  }
  const leading = leadingOf(size);
  const first = new Float64Array(leading);
  let squared = 0;
  for (let i = 0; i < size; i++) {
    let along = 0;
    for (let j = 0; j < size; j++) along += whitening[i * size + j]! * differences[j]!;
    if (i < leading) first[i] = along;
    else squared += along * along;
  }
  const own = slot * leading * leading;
  for (let i = 0; i < leading; i++) {
    let sum = 0;
    for (let j = 0; j < leading; j++) sum += precisions[own + i * leading + j]! * first[j]!;
    squared += first[i]! * sum;
  }
  return { squared, differences };
}

function isConstant(values: Float64Array, n: number, size: number, column: number): boolean {
  for (let i = 0; i < n; i++) if (values[i * size + column] !== 0) return false;
  return true;
}

/** The most frequent classes with images enough; of equally frequent ones the lower first. */
function frequentClasses(predicted: readonly number[]): readonly number[] {
  return [...Map.groupBy(predicted, (one) => one)]
    .filter(([, images]) => images.length >= LEAST_OF_CLASS)
    .sort(([a, one], [b, other]) => other.length - one.length || a - b)
    .slice(0, MOST_CLASSES)
    .map(([one]) => one)
    .sort((a, b) => a - b);
}

function slotOf(classes: readonly number[], predicted: number): number {
  const place = classes.indexOf(predicted);
  return place < 0 ? classes.length : place;
}

/** Subtracts each row's class mean, drawn towards the mean of all, and returns these means. */
function subtractMeans(
  rows: Float64Array,
  size: number,
  slots: readonly number[],
  classes: number,
): Float64Array {
  const means = new Float64Array(classes * size);
  const counts = new Float64Array(classes).fill(FOR_COMMON_MEAN);
  for (const [i, slot] of slots.entries()) {
    counts[slot]!++;
    for (let j = 0; j < size; j++) means[slot * size + j]! += rows[i * size + j]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! /= counts[Math.floor(i / size)]!;
  for (const [i, slot] of slots.entries()) {
    for (let j = 0; j < size; j++) rows[i * size + j]! -= means[slot * size + j]!;
  }
  return means;
}

/** Rᵀ R / n of n rows. */
function covarianceOf(rows: Float64Array, size: number): Float64Array {
  const n = rows.length / size;
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < size; j++) {
      const one = rows[i * size + j]!;
      for (let k = 0; k <= j; k++) covariance[j * size + k]! += one * rows[i * size + k]!;
    }
  }
  for (let j = 0; j < size; j++) {
    for (let k = 0; k <= j; k++) {
      covariance[j * size + k]! /= n;
      covariance[k * size + j] = covariance[j * size + k]!;
    }
  }
  return covariance;
}

/**
 * What is added to each number's variance: its least deviation's where it never varied, and a share of the
 * mean of all, so that no combination of numbers is taken for constant because few images had it so.
 */
function addedVariances(covariance: Float64Array, deviations: readonly number[], n: number): Float64Array {
  const size = deviations.length;
  const added = Float64Array.from(deviations, (one) => (one === LEAST_DEVIATION ? 1 : 0));
  let trace = 0;
  for (let j = 0; j < size; j++) trace += covariance[j * size + j]! + added[j]!;
  const share = Math.max(SHRINKAGE, size / (10 * n));
  return added.map((one) => one + (share * trace) / size);
}

/** Each class's inverse covariance in the leading directions, drawn towards the common one, which is I. */
function precisionsOf(
  residuals: Float64Array,
  added: Float64Array,
  whitening: Float64Array,
  slots: readonly number[],
  classes: number,
): Float32Array {
  const size = added.length;
  const k = leadingOf(size);
  const covariances = new Float64Array(classes * k * k);
  const addedAlong = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      let sum = 0;
      for (let l = 0; l < size; l++) sum += whitening[i * size + l]! * added[l]! * whitening[j * size + l]!;
      addedAlong[i * k + j] = sum;
    }
  }
  const counts = new Float64Array(classes).fill(FOR_COMMON_COVARIANCE);
  for (let slot = 0; slot < classes; slot++) {
    for (let i = 0; i < k; i++) covariances[slot * k * k + i * k + i] = FOR_COMMON_COVARIANCE;
  }
  const along = new Float64Array(k);
  for (const [n, slot] of slots.entries()) {
    counts[slot]!++;
    for (let i = 0; i < k; i++) {
      along[i] = 0;
      for (let j = 0; j < size; j++) along[i]! += whitening[i * size + j]! * residuals[n * size + j]!;
    }
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) {
        covariances[slot * k * k + i * k + j]! += along[i]! * along[j]! + addedAlong[i * k + j]!;
      }
    }
  }
  const precisions = new Float32Array(covariances.length);
  for (let slot = 0; slot < classes; slot++) {
    const own = covariances.subarray(slot * k * k, (slot + 1) * k * k).map((sum) => sum / counts[slot]!);
    factorise(own, k);
    for (let i = 0; i < k; i++) {
      const column = new Float64Array(k);
      column[i] = 1;
      solve(own, column);
      precisions.set(column, slot * k * k + i * k);
    }
  }
  return precisions;
}
