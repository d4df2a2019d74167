import type { Plane } from './pixel-statistics.ts';

/** Scales of 1, 2, 4 and 8 pixels. */
export const DETAIL_LEVELS = 4;

/** How many numbers `writeDetail` writes. */
export const DETAIL_STATISTICS = 3 * DETAIL_LEVELS + 1;

/** Energies this small, that of a quarter of a gray level, count as none. */
const LEAST_ENERGY = 1e-6;

/**
 * Writes the log energy of the detail at each scale along rows, along columns and in both, and last that of
 * what is left beyond the coarsest: the power spectrum by octaves and direction, at a cost linear in the
 * pixels. At the picture's edge its last value goes on.
 *
 * @see Holschneider et al. (1989), the algorithme à trous, with the weights ¼, ½, ¼.
 */
export function writeDetail(plane: Plane, target: Float64Array): void {
  const { height, width, values } = plane;
  const n = height * width;
  let coarse = values;
  let next = new Float32Array(n);
  let spare = new Float32Array(n);
  const alongRows = new Float32Array(n);
  for (let level = 0; level < DETAIL_LEVELS; level++) {
    const step = 2 ** level;
    let across = 0;
    let down = 0;
    let both = 0;
    for (let row = 0, i = 0; row < height; row++) {
      const first = row * width;
      const last = first + width - 1;
      for (let column = 0; column < width; column++, i++) {
        const value = coarse[i]!;
        const smooth =
          0.5 * value + 0.25 * (coarse[Math.max(first, i - step)]! + coarse[Math.min(last, i + step)]!);
        alongRows[i] = smooth;
        across += (value - smooth) ** 2;
      }
    }
    for (let row = 0, i = 0; row < height; row++) {
      const above = (row - Math.max(0, row - step)) * width;
      const below = (Math.min(height - 1, row + step) - row) * width;
      for (let column = 0; column < width; column++, i++) {
        const value = coarse[i]!;
        const smooth = 0.5 * value + 0.25 * (coarse[i - above]! + coarse[i + below]!);
        down += (value - smooth) ** 2;
        const soft = 0.5 * alongRows[i]! + 0.25 * (alongRows[i - above]! + alongRows[i + below]!);
        next[i] = soft;
        both += (value - soft) ** 2;
      }
    }
    target[3 * level] = Math.log(across / n + LEAST_ENERGY);
    target[3 * level + 1] = Math.log(down / n + LEAST_ENERGY);
    target[3 * level + 2] = Math.log(both / n + LEAST_ENERGY);
    coarse = next;
    [next, spare] = [spare, next];
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += coarse[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (coarse[i]! - mean) ** 2;
  target[3 * DETAIL_LEVELS] = Math.log(squares / n + LEAST_ENERGY);
}
