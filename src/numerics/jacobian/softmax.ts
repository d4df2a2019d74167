/**
 * softmax(z) in float64, shifted by the maximum.
 *
 * @param logits C numbers, or a row of C inside a longer array beginning at `offset`.
 */
export function softmax(logits: ArrayLike<number>, offset = 0, classes = logits.length): Float64Array {
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[offset + c]!);
  const p = new Float64Array(classes);
  let total = 0;
  for (let c = 0; c < classes; c++) {
    const e = Math.exp(logits[offset + c]! - largest);
    p[c] = e;
    total += e;
  }
  for (let c = 0; c < classes; c++) p[c] = p[c]! / total;
  return p;
}

/** Index of the largest entry, the first of equal ones. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** 1 − p_c as the sum of the others, which keeps its digits where p_c rounds to 1. */
function complement(p: Float64Array, c: number): number {
  let others = 0;
  for (let i = 0; i < p.length; i++) if (i !== c) others += p[i]!;
  return others;
}

/**
 * ‖S(p)‖_F with S(p) = diag(p) − p pᵀ: entries p_c(1 − p_c) on the diagonal and −p_a·p_b beside it.
 *
 * The shorter Σp² − 2Σp³ + (Σp²)² is the same number but loses all its digits on answers more confident than
 * 1 − 1e-8.
 */
export function softmaxJacobianNorm(p: Float64Array): number {
  const top = argmax(p);
  const doubt = complement(p, top);
  let diagonal = (p[top]! * doubt) ** 2;
  let squares = 0;
  let fourths = 0;
  for (let c = 0; c < p.length; c++) {
    if (c === top) continue;
    const square = p[c]! * p[c]!;
    diagonal += (p[c]! * (1 - p[c]!)) ** 2;
    squares += square;
    fourths += square * square;
  }
  const beside = 2 * p[top]! * p[top]! * squares + Math.max(0, squares * squares - fourths);
  return Math.sqrt(diagonal + beside);
}

/** Change of the three quantities that are measured, per unit of step, along one direction. */
export interface DirectionalChange {
  /** ‖S(p) dz‖², the squared change of the probabilities. */
  readonly probabilities: number;
  /** ((e_ŷ − p)·dz)², the squared change of the predicted class's log-probability. */
  readonly logProbability: number;
  /** ‖dz − mean(dz)‖², the squared change of the logits up to the constant that softmax ignores. */
  readonly logits: number;
}

/**
 * Pushes the logit difference `dz` through S(p) in float64: S(p) dz = p ∘ (dz − p·dz).
 *
 * Differencing float32 probabilities instead loses everything on confident inputs, where p rounds to 1.
 */
export function directionalChange(p: Float64Array, predicted: number, dz: Float64Array): DirectionalChange {
  const classes = p.length;
  let plain = 0;
  // (e_ŷ − p)·dz as a sum over the other classes, which keeps its digits where p_ŷ rounds to 1.
  let lead = 0;
  for (let c = 0; c < classes; c++) {
    plain += dz[c]!;
    lead += p[c]! * (dz[predicted]! - dz[c]!);
  }
  plain /= classes;
  let probabilities = 0;
  let logits = 0;
  for (let c = 0; c < classes; c++) {
    // dz_c − p·dz
    const change = p[c]! * (dz[c]! - dz[predicted]! + lead);
    probabilities += change * change;
    const centred = dz[c]! - plain;
    logits += centred * centred;
  }
  return { probabilities, logProbability: lead * lead, logits };
}
