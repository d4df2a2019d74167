/** Gray pictures of 8 bits, row-major, and what makes others of them. */
import { fillStandardNormal, type Uniform } from '../src/numerics/random.ts';

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A picture by a function of place, rounded to 0 … 255. */
export function drawn({ height, width }: Size, at: (row: number, column: number) => number): Uint8Array {
  const pixels = new Uint8Array(height * width);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      pixels[i] = Math.min(255, Math.max(0, Math.round(at(row, column))));
    }
  }
  return pixels;
}

/** The value between pixels, bilinear; black outside. */
export function between(pixels: ArrayLike<number>, size: Size, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const at = (r: number, c: number): number =>
    r < 0 || c < 0 || r >= size.height || c >= size.width ? 0 : pixels[r * size.width + c]!;
  const [down, right] = [row - top, column - left];
  return (
    (1 - down) * ((1 - right) * at(top, left) + right * at(top, left + 1)) +
    down * ((1 - right) * at(top + 1, left) + right * at(top + 1, left + 1))
  );
}

/** Means over squares of 2·radius + 1 pixels; the last value goes on at the edge. */
export function boxBlurred(values: ArrayLike<number>, size: Size, radius: number): Float64Array {
  const along = (from: ArrayLike<number>, step: number, stride: number, length: number): Float64Array => {
    const to = new Float64Array(from.length);
    for (let line = 0; line < from.length / length; line++) {
      for (let i = 0; i < length; i++) {
        let sum = 0;
        for (let j = i - radius; j <= i + radius; j++) {
          sum += from[line * stride + Math.min(length - 1, Math.max(0, j)) * step]!;
        }
        to[line * stride + i * step] = sum / (2 * radius + 1);
      }
    }
    return to;
  };
  return along(along(values, 1, size.width, size.width), size.width, 1, size.height);
}

/** Three box blurs, which are nearly a Gaussian of deviation √(radius·(radius + 1)). */
export function blurred(values: ArrayLike<number>, size: Size, radius: number): Float64Array {
  return boxBlurred(boxBlurred(boxBlurred(values, size, radius), size, radius), size, radius);
}

/** Normal noise, as many values as the picture has pixels. */
export function normalNoise({ height, width }: Size, uniform: Uniform): Float32Array {
  const noise = new Float32Array(height * width);
  fillStandardNormal(noise, uniform);
  return noise;
}

/** 0 … count − 1 in a random order (Fisher, Yates 1938). */
export function shuffled(count: number, uniform: Uniform): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
