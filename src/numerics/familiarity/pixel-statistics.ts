/** One plane of intensities in [0, 1], row-major: what the statistics of a picture are taken from. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Below and above these a pixel is dark or bright: between the gray levels 7 and 8, and 247 and 248. */
const DARK = 0.03;
const BRIGHT = 0.97;
const LEVELS = 255;
const SHARES = [0.02, 0.25, 0.5, 0.75, 0.98] as const;

/** How many numbers `writePixelStatistics` writes. */
export const PIXEL_STATISTICS = 9 + SHARES.length;

/**
 * Writes fourteen statistics of the intensities: mean, deviation, mean |difference| along rows and along
 * columns, mean |4-neighbour Laplacian|, share of dark and of bright pixels, mean and deviation of the
 * border, and five quantiles to the next of 256 gray levels. What a picture is too small for is 0.
 */
export function writePixelStatistics(plane: Plane, target: Float64Array): void {
  const { height, width, values } = plane;
  const n = height * width;
  const histogram = new Uint32Array(LEVELS + 1);
  let sum = 0;
  let squares = 0;
  let dark = 0;
  let bright = 0;
  let across = 0;
  let down = 0;
  let rough = 0;
  let border = 0;
  let borderSquares = 0;
  for (let row = 0, i = 0; row < height; row++) {
    const outerRow = row === 0 || row === height - 1;
    for (let column = 0; column < width; column++, i++) {
      const value = values[i]!;
      sum += value;
      squares += value * value;
      if (value < DARK) dark++;
      if (value > BRIGHT) bright++;
      histogram[Math.min(LEVELS, Math.max(0, Math.round(value * LEVELS)))]!++;
      if (column > 0) across += Math.abs(value - values[i - 1]!);
      if (row > 0) down += Math.abs(value - values[i - width]!);
      if (outerRow || column === 0 || column === width - 1) {
        border += value;
        borderSquares += value * value;
      } else {
        const around = values[i - 1]! + values[i + 1]! + values[i - width]! + values[i + width]!;
        rough += Math.abs(4 * value - around);
      }
    }
  }
  const inner = Math.max(0, height - 2) * Math.max(0, width - 2);
  const outer = n - inner;
  target[0] = sum / n;
  target[1] = deviationOf(sum, squares, n);
  target[2] = across / Math.max(1, height * (width - 1));
  target[3] = down / Math.max(1, (height - 1) * width);
  target[4] = rough / Math.max(1, inner);
  target[5] = dark / n;
  target[6] = bright / n;
  target[7] = border / outer;
  target[8] = deviationOf(border, borderSquares, outer);
  let level = 0;
  let below = histogram[0]!;
  for (const [j, share] of SHARES.entries()) {
    while (level < LEVELS && below <= share * (n - 1)) below += histogram[++level]!;
    target[9 + j] = level / LEVELS;
  }
}

/** The standard deviation of n numbers, from their sum and that of their squares. */
export function deviationOf(sum: number, squares: number, n: number): number {
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}
