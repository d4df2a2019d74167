/**
 * Kolmogorov–Smirnov statistic of two samples: the largest difference between the shares of each that lie at
 * or below a value, in [0, 1]. O(n log n).
 *
 * @throws RangeError where a sample is empty or holds a NaN
 */
export function kolmogorovSmirnov(sample: ArrayLike<number>, other: ArrayLike<number>): number {
  const a = sorted(sample);
  const b = sorted(other);
  let i = 0;
  let j = 0;
  let largest = 0;
  while (i < a.length && j < b.length) {
    // Past all that equal the lower of the two, in both: equal values step together.
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! === value) i++;
    while (j < b.length && b[j]! === value) j++;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
}

/** @throws RangeError */
function sorted(sample: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(sample).sort();
  // A NaN is sorted last.
  if (values.length === 0 || Number.isNaN(values.at(-1))) {
    throw new RangeError('expected at least one value in each sample, and none that is not a number');
  }
  return values;
}
