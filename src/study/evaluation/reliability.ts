import { clopperPearson } from '../../numerics/risk/clopper-pearson.ts';

/** Images of about the same risk: what was said of them, and what came of it. */
export interface ReliabilityBin {
  readonly images: number;
  readonly errors: number;
  /** Mean of the risks that were said. */
  readonly said: number;
  /** Share that was wrong. */
  readonly observed: number;
  /** Exact two-sided interval of it. */
  readonly interval: readonly [number, number];
}

/**
 * Bins of equally many images, as nearly as may be, by rising risk.
 *
 * @param risks P(the label is wrong), one an image.
 * @param miss Probability that an interval misses the rate.
 */
export function reliability(
  risks: readonly number[],
  wrong: readonly boolean[],
  bins: number,
  miss: number,
): readonly ReliabilityBin[] {
  const order = [...risks.keys()].sort((a, b) => risks[a]! - risks[b]! || a - b);
  const count = Math.min(bins, order.length);
  return Array.from({ length: count }, (_, bin) => {
    const inside = order.slice(
      Math.round((bin * order.length) / count),
      Math.round(((bin + 1) * order.length) / count),
    );
    const errors = inside.filter((image) => wrong[image]).length;
    return {
      images: inside.length,
      errors,
      said: inside.reduce((sum, image) => sum + risks[image]!, 0) / inside.length,
      observed: errors / inside.length,
      interval: clopperPearson(errors, inside.length, miss),
    };
  });
}

/**
 * Expected calibration error: mean distance between said and observed, weighted by images (Naeini et al.
 * 2015, AAAI).
 */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const images = bins.reduce((sum, bin) => sum + bin.images, 0);
  return bins.reduce((sum, { said, observed, images: n }) => sum + n * Math.abs(said - observed), 0) / images;
}
