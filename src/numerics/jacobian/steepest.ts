import { directionalChange, softmaxJacobianNorm } from './softmax.ts';

/**
 * Where a forward difference tells most: along the network's own gradient.
 *
 * J_p = S(p) J_z is nearly of rank one, so that ‖J_p v‖ along v = J_zᵀu/‖J_zᵀu‖, u a contrast between the
 * classes in question, is nearly ‖J_p‖_F, where k random directions know it to √(1/2k) only. The captured
 * part and an estimate of the remainder add up to the norm as in Hutch++ (Meyer, Musco, Musco, Woodruff 2021,
 * SOSA): here u comes from S(p), which the base pass gives.
 */

/** Class indices by falling logit, the first of equal ones first. */
export function byLogit(logits: ArrayLike<number>): readonly number[] {
  return Array.from({ length: logits.length }, (_, c) => c).sort((a, b) => logits[b]! - logits[a]! || a - b);
}

/**
 * The cotangent of round j, C numbers: class order[j] against the softmax-weighted mean of all classes after
 * it. Round 0 is the gradient of the log-odds of the predicted class, which points where log p_ŷ changes
 * most.
 *
 * @param round From 0 to C − 2.
 */
export function writeContrast(
  logits: ArrayLike<number>,
  order: readonly number[],
  round: number,
  target: Float32Array | Float64Array,
): void {
  target.fill(0);
  const highest = logits[order[round + 1]!]!;
  let total = 0;
  for (let i = round + 1; i < order.length; i++) total += Math.exp(logits[order[i]!]! - highest);
  for (let i = round + 1; i < order.length; i++) {
    target[order[i]!] = -Math.exp(logits[order[i]!]! - highest) / total;
  }
  target[order[round]!] = 1;
}

/**
 * Added to every expected ratio. Where S(p) leaves nothing outside, differences still find something there:
 * the steepest direction is rounded, and the classifier bends within the step. About a tenth of a percent of
 * ‖J‖² for the shipped models.
 */
const LEAST_RATIO = 3e-3;

/**
 * The remainder of ‖J_p‖² that S(p) alone lets expect after 1, 2, …, `rounds` rounds, against the part that
 * they capture.
 *
 * It is how much of S(p) lies outside the contrasts of the first rounds, against what lies inside: ‖S(I −
 * WWᵀ)‖²/‖SW‖² and a little more, W an orthonormal basis of the contrasts. Were the gradients of the logits
 * orthogonal and of equal length, it would be the remainder's true ratio.
 */
export function expectedRatios(
  logits: ArrayLike<number>,
  p: Float64Array,
  rounds: number,
): readonly number[] {
  const order = byLogit(logits);
  const whole = softmaxJacobianNorm(p) ** 2;
  const basis: Float64Array[] = [];
  const found: number[] = [];
  let inside = 0;
  for (let round = 0; round < rounds; round++) {
    const u = new Float64Array(p.length);
    writeContrast(logits, order, round, u);
    if (!orthonormalise(u, basis)) break;
    basis.push(u);
    inside += directionalChange(p, order[0]!, u).probabilities;
    found.push(LEAST_RATIO + Math.max(0, whole / inside - 1));
  }
  return found;
}

/** What rounding leaves of a vector that lies in the span of the others, against its length. */
const NOTHING = 1e-5;

/**
 * Takes from `v` its components along the orthonormal `basis` and makes it of length one.
 *
 * @returns false if nothing is left: `v` was zero, not finite, or in their span.
 */
export function orthonormalise(
  v: Float32Array | Float64Array,
  basis: readonly (Float32Array | Float64Array)[],
): boolean {
  const before = length(v);
  // Twice, since once leaves rounding of the size of what was taken away.
  for (let pass = 0; pass < 2; pass++) deflate(v, basis);
  const after = basis.length > 0 ? length(v) : before;
  if (!(after > NOTHING * before && Number.isFinite(after))) return false;
  for (let i = 0; i < v.length; i++) v[i] = v[i]! / after;
  return true;
}

/** Takes from `v` its components along the orthonormal `basis`. */
export function deflate(
  v: Float32Array | Float64Array,
  basis: readonly (Float32Array | Float64Array)[],
): void {
  for (const unit of basis) {
    let along = 0;
    for (let i = 0; i < v.length; i++) along += v[i]! * unit[i]!;
    for (let i = 0; i < v.length; i++) v[i] = v[i]! - along * unit[i]!;
  }
}

function length(v: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < v.length; i++) squares += v[i]! * v[i]!;
  return Math.sqrt(squares);
}
