import { reviewScore, type Signal } from './signals.ts';

export interface CoverageThreshold {
  readonly threshold: number;
  readonly accepted: number;
}

/**
 * The threshold that accepts `coverage` of these values, or as much more as ties bring with them.
 *
 * It promises a share of automatic labels, not their error rate.
 *
 * @param values Of `signal`, one an image.
 * @throws RangeError without values or with a coverage outside (0, 1]
 */
export function thresholdForCoverage(
  values: readonly number[],
  signal: Signal,
  coverage: number,
): CoverageThreshold {
  if (values.length === 0 || !(coverage > 0 && coverage <= 1)) {
    throw new RangeError(
      `expected at least one value and 0 < coverage ≤ 1, got ${values.length} and ${coverage}`,
    );
  }
  const sorted = values.toSorted((a, b) => reviewScore(signal, a) - reviewScore(signal, b));
  const threshold = sorted[Math.ceil(coverage * sorted.length) - 1]!;
  const limit = reviewScore(signal, threshold);
  return { threshold, accepted: sorted.filter((value) => reviewScore(signal, value) <= limit).length };
}
