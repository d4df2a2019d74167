import { type ImageShape, strides } from '../jacobian/image-shape.ts';
import { deviationOf } from './pixel-statistics.ts';

/** How many numbers `writeColours` writes. */
export const COLOUR_STATISTICS = 6;

/**
 * Writes how the three channels differ: mean of the first less the second and of the second less the third,
 * the same of the absolute differences, and mean and deviation of a pixel's largest less its least.
 */
export function writeColours(intensities: Float32Array, shape: ImageShape, target: Float64Array): void {
  const n = shape.height * shape.width;
  const sums = new Float64Array(COLOUR_STATISTICS);
  const { pixel, channel } = strides(shape);
  for (let i = 0, at = 0; i < n; i++, at += pixel) {
    const a = intensities[at]!;
    const b = intensities[at + channel]!;
    const c = intensities[at + 2 * channel]!;
    const spread = Math.max(a, b, c) - Math.min(a, b, c);
    sums[0]! += a - b;
    sums[1]! += b - c;
    sums[2]! += Math.abs(a - b);
    sums[3]! += Math.abs(b - c);
    sums[4]! += spread;
    sums[5]! += spread * spread;
  }
  for (let j = 0; j < 5; j++) target[j] = sums[j]! / n;
  target[5] = deviationOf(sums[4]!, sums[5]!, n);
}
