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

/**
 * The same statistic of two histograms over the same buckets: the largest difference between the shares at or
 * below an edge, which is at most that of the samples they were made of.
 *
 * @param counts One a bucket, not cumulative.
 * @throws RangeError where a histogram is empty, holds a negative number, or has other buckets
 */
export function histogramKolmogorovSmirnov(counts: ArrayLike<number>, other: ArrayLike<number>): number {
  const [total, otherTotal] = totals(counts, other);
  let below = 0;
  let otherBelow = 0;
  let largest = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    below += counts[bucket]!;
    otherBelow += other[bucket]!;
    largest = Math.max(largest, Math.abs(below / total - otherBelow / otherTotal));
  }
  return largest;
}

/**
 * P(a Kolmogorov–Smirnov statistic at least this large) between two samples of one continuous distribution:
 * Kolmogorov's limit 2 Σ_k (−1)^(k−1) exp(−2k²λ²) at λ = D √(nm/(n + m)), good from some tens of values on.
 * Ties and buckets make it too large, which is safe.
 *
 * @see Smirnov (1948), Ann. Math. Statist. 19(2).
 */
export function kolmogorovPValue(statistic: number, n: number, m: number): number {
  if (!(statistic >= 0 && statistic <= 1 && n >= 1 && m >= 1)) {
    throw new RangeError(`expected a statistic in [0, 1] of two samples, got ${statistic} of ${n} and ${m}`);
  }
  const lambda = statistic * Math.sqrt((n * m) / (n + m));
  // The alternating sum needs ever more terms towards 0, where its value differs from 1 by less than 1e-11.
  if (lambda < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/**
 * Population stability index of a live histogram against the one expected: Σ (q − p) ln(q/p) over buckets, p
 * and q their shares; the sum of both Kullback–Leibler divergences, in nats. By custom below 0.1 is no shift
 * and above 0.25 a large one. An empty bucket counts as half an observation, since its logarithm is infinite.
 *
 * Of samples of one distribution its mean is about (buckets − 1)(1/n + 1/m).
 *
 * @param expected Counts, one a bucket, not cumulative.
 * @throws RangeError where a histogram is empty, holds a negative number, or has other buckets
 * @see Yurdakul & Naranjo (2020), J. Risk Model Validation 14(4).
 */
export function populationStabilityIndex(expected: ArrayLike<number>, live: ArrayLike<number>): number {
  const [expectedTotal, liveTotal] = totals(expected, live);
  let index = 0;
  for (let bucket = 0; bucket < expected.length; bucket++) {
    // Empty in both tells nothing.
    if (expected[bucket] === 0 && live[bucket] === 0) continue;
    const p = (expected[bucket]! || 0.5) / expectedTotal;
    const q = (live[bucket]! || 0.5) / liveTotal;
    index += (q - p) * Math.log(q / p);
  }
  return index;
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

/** @throws RangeError */
function totals(counts: ArrayLike<number>, other: ArrayLike<number>): readonly [number, number] {
  let total = 0;
  let otherTotal = 0;
  let valid = counts.length === other.length;
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (!(counts[bucket]! >= 0 && other[bucket]! >= 0)) valid = false;
    total += counts[bucket]!;
    otherTotal += other[bucket]!;
  }
  if (!valid || !(total > 0 && otherTotal > 0)) {
    throw new RangeError('expected two histograms over the same buckets, of at least one observation each');
  }
  return [total, otherTotal];
}
