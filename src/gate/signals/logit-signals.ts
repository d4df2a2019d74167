/** Signals of the logits of one pass, which softmax's saturation does not reach. */

/** Power of the norm by which logits are divided (Cattelan & Silva 2023, section 4). */
const POWER = 5;

/**
 * The largest of the logits, centred and divided by their p-norm: max-logit-pNorm of Cattelan & Silva 2023,
 * "How to Fix a Broken Confidence Estimator", arXiv 2305.15508, at p = 5.
 *
 * @param logits C numbers, finite
 * @returns 0 where all are equal
 */
export function normalisedMaxLogit(logits: Float32Array): number {
  let mean = 0;
  for (const z of logits) mean += z / logits.length;
  let most = -Infinity;
  let norm = 0;
  for (const z of logits) {
    most = Math.max(most, z - mean);
    norm += Math.abs(z - mean) ** POWER;
  }
  return norm > 0 ? most / norm ** (1 / POWER) : 0;
}

/**
 * The largest logit less the second: the margin that Liang, Peng & Sun 2024, "Selective Classification Under
 * Distribution Shifts", arXiv 2405.05160, rank by.
 *
 * @param logits C numbers, at least two
 */
export function logitMargin(logits: Float32Array): number {
  let first = -Infinity;
  let second = -Infinity;
  for (const z of logits) {
    if (z > first) {
      second = first;
      first = z;
    } else if (z > second) second = z;
  }
  return first - second;
}
