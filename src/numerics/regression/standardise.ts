/** Features moved and scaled to mean 0 and standard deviation 1. */
export interface Standardised {
  /** (n, features) row-major. */
  readonly values: Float64Array;
  readonly means: readonly number[];
  /** A feature that never varies has 1 here, and is 0 throughout. */
  readonly deviations: readonly number[];
}

/**
 * Standardises each column by its weighted mean and standard deviation.
 *
 * @param values (n, features) row-major.
 * @param weights n numbers ≥ 0, not all 0.
 */
export function standardise(values: Float64Array, weights: Float64Array): Standardised {
  const n = weights.length;
  const features = values.length / n;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const standard = new Float64Array(values.length);
  const means: number[] = [];
  const deviations: number[] = [];
  for (let j = 0; j < features; j++) {
    const first = values[j]!;
    let varies = false;
    let sum = 0;
    // Around the first value, lest a large mean swallow a small deviation.
    for (let i = 0; i < n; i++) {
      const difference = values[i * features + j]! - first;
      if (difference !== 0) varies = true;
      sum += weights[i]! * difference;
    }
    const mean = first + sum / total;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += weights[i]! * (values[i * features + j]! - mean) ** 2;
    const deviation = varies && squares > 0 ? Math.sqrt(squares / total) : 1;
    for (let i = 0; i < n; i++) {
      standard[i * features + j] = varies ? (values[i * features + j]! - mean) / deviation : 0;
    }
    means.push(mean);
    deviations.push(deviation);
  }
  return { values: standard, means, deviations };
}
