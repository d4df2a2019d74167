/** How many numbers of two kinds lie in each of a row of bins of equal ratio. */
export interface LogHistogram {
  /** One more than there are bins, ascending. The first bin also has all that is less, 0 included. */
  readonly edges: readonly number[];
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

/**
 * Share of the numbers, the least, that may lie before the first edge, so that a few tiny ones don't take the
 * room of all others.
 */
const BELOW = 0.005;

/**
 * Bins `values` ≥ 0 by their logarithm, those of right and of wrong labels apart.
 *
 * @returns Null where no value is above 0.
 */
export function logHistogram(
  values: readonly number[],
  wrong: readonly boolean[],
  bins: number,
): LogHistogram | null {
  const positive = Float64Array.from(values.filter((value) => value > 0)).sort();
  if (positive.length === 0) return null;
  const last = positive[positive.length - 1]!;
  const first = Math.min(positive[Math.floor(BELOW * positive.length)]!, last / 10);
  const width = Math.log(last / first) / bins;
  const counts = { right: new Array<number>(bins).fill(0), wrong: new Array<number>(bins).fill(0) };
  for (const [i, value] of values.entries()) {
    const bin = value > first ? Math.min(bins - 1, Math.floor(Math.log(value / first) / width)) : 0;
    counts[wrong[i] ? 'wrong' : 'right'][bin]!++;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => first * Math.exp(i * width)), ...counts };
}
