/** A pivot smaller than this share of its diagonal element is rounding. */
const SINGULAR = 1e-10;

/**
 * Replaces the lower triangle of a symmetric positive definite matrix by its factor L, A = L Lᵀ.
 *
 * @param a (size, size) row-major; only its lower triangle is read.
 * @returns −1, or the first row that depends linearly on those above it, where A is not positive definite to
 *   rounding.
 */
export function factorise(a: Float64Array, size: number): number {
  for (let i = 0; i < size; i++) {
    const diagonal = a[i * size + i]!;
    for (let j = 0; j <= i; j++) {
      let sum = a[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * size + k]! * a[j * size + k]!;
      if (j < i) {
        a[i * size + j] = sum / a[j * size + j]!;
      } else {
        // Written so that NaN is singular too.
        if (!(sum > SINGULAR * diagonal)) return i;
        a[i * size + i] = Math.sqrt(sum);
      }
    }
  }
  return -1;
}

/** Replaces `b` by the solution x of L Lᵀ x = b, L as `factorise` leaves it. */
export function solve(factor: Float64Array, b: Float64Array): void {
  const size = b.length;
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) b[i]! -= factor[i * size + k]! * b[k]!;
    b[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) b[i]! -= factor[k * size + i]! * b[k]!;
    b[i]! /= factor[i * size + i]!;
  }
}
