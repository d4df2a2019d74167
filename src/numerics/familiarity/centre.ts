import type { Plane } from './pixel-statistics.ts';

/** How many numbers `writeCentre` writes. */
export const CENTRE_STATISTICS = 5;

/** Keeps a black picture's centre in its middle. */
const LEAST_MEAN = 1e-6;

/**
 * Writes where the light of a picture lies: its centre right of and below the middle, its spread along rows
 * and along columns, and the covariance of the two; as parts of width and height.
 */
export function writeCentre({ height, width, values }: Plane, target: Float64Array): void {
  let total = LEAST_MEAN * height * width;
  let x = 0;
  let y = 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let row = 0, i = 0; row < height; row++) {
    const v = (row + 0.5) / height - 0.5;
    let light = 0;
    let first = 0;
    let second = 0;
    for (let column = 0; column < width; column++, i++) {
      const u = (column + 0.5) / width - 0.5;
      const value = values[i]!;
      light += value;
      first += value * u;
      second += value * u * u;
    }
    total += light;
    x += first;
    y += light * v;
    xx += second;
    yy += light * v * v;
    xy += first * v;
  }
  x /= total;
  y /= total;
  target[0] = x;
  target[1] = y;
  target[2] = Math.sqrt(Math.max(0, xx / total - x * x));
  target[3] = Math.sqrt(Math.max(0, yy / total - y * y));
  target[4] = xy / total - x * y;
}
