import chiSquareQuantile from '@stdlib/stats-base-dists-chisquare-quantile';

/**
 * Two-sided interval for ‖J‖ from the mean of ‖Jv‖² over `directions` random directions.
 *
 * Exact where J has rank one, since then k·q/‖J‖² ~ χ²_k; that is the worst case, and the usual one for a
 * softmax.
 *
 * @param meanSquare q, the mean of ‖Jv‖² over k directions with E[vvᵀ] = I.
 * @param miss Probability of missing ‖J‖, in (0, 1), half on each side.
 * @see Kenney & Laub (1994), SIAM J. Sci. Comput. 15(1).
 */
export function normInterval(
  meanSquare: number,
  directions: number,
  miss: number,
): readonly [number, number] {
  if (!(directions >= 1) || !(miss > 0 && miss < 1)) {
    throw new RangeError(`expected at least one direction and 0 < miss < 1, got ${directions} and ${miss}`);
  }
  const total = directions * meanSquare;
  return [
    Math.sqrt(total / chiSquareQuantile(1 - miss / 2, directions)),
    Math.sqrt(total / chiSquareQuantile(miss / 2, directions)),
  ];
}
