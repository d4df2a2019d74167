/** A symmetric matrix taken apart: A = Σ values_i · vector_i vector_iᵀ. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array;
  /** (size, size) row-major: row i is the unit vector that belongs to value i. */
  readonly vectors: Float64Array;
}

const MOST_SWEEPS = 60;
/** Off-diagonal elements this small beside the diagonal's are rounding. */
const ROUNDING = 1e-14;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations in a fixed order: slow beside
 * others, and the same bits for the same matrix. Cost: about 30 size³.
 *
 * @param matrix (size, size) row-major.
 * @throws RangeError if it has something else than finite numbers
 * @see Golub and Van Loan (2013), Matrix Computations, 8.5.
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  if (matrix.length !== size * size || !matrix.every(Number.isFinite)) {
    throw new RangeError(`expected ${size * size} finite numbers`);
  }
  const a = Float64Array.from(matrix);
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(a, size); sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
    }
  }
  const order = Array.from({ length: size }, (_, i) => i);
  order.sort((i, j) => a[j * size + j]! - a[i * size + i]! || i - j);
  const vectors = new Float64Array(size * size);
  for (const [row, i] of order.entries()) vectors.set(v.subarray(i * size, (i + 1) * size), row * size);
  return { values: Float64Array.from(order, (i) => a[i * size + i]!), vectors };
}

function isDiagonal(a: Float64Array, size: number): boolean {
  let off = 0;
  let on = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (i === j) on += a[i * size + j]! ** 2;
      else off += a[i * size + j]! ** 2;
    }
  }
  return off <= ROUNDING ** 2 * on;
}

/** Turns axes p and q so that the element between them becomes 0; rows of `v` are turned along. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const between = a[p * size + q]!;
  if (between === 0) return;
  const ratio = (a[q * size + q]! - a[p * size + p]!) / (2 * between);
  const tangent = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const sine = tangent * cosine;
  for (let k = 0; k < size; k++) {
    const one = a[k * size + p]!;
    const other = a[k * size + q]!;
    a[k * size + p] = cosine * one - sine * other;
    a[k * size + q] = sine * one + cosine * other;
  }
  turnRows(a, size, p, q, cosine, sine);
  turnRows(v, size, p, q, cosine, sine);
  a[p * size + q] = 0;
  a[q * size + p] = 0;
}

function turnRows(m: Float64Array, size: number, p: number, q: number, cosine: number, sine: number): void {
  for (let k = 0; k < size; k++) {
    const one = m[p * size + k]!;
    const other = m[q * size + k]!;
    m[p * size + k] = cosine * one - sine * other;
    m[q * size + k] = sine * one + cosine * other;
  }
}
