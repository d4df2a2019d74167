import type { Pixels } from '../../model/preprocess.ts';
import { type ImageStatistics, imageStatistics } from '../../numerics/familiarity/image-statistics.ts';
import type { ImageShape } from '../../numerics/jacobian/image-shape.ts';
import { createUniform, forkSeed, type Uniform } from '../../numerics/random.ts';

/** Fit images that are changed: enough to see whether half of what comes of them is known. */
export const MOST_CHANGED = 200;

/** A place in a picture, and which of the images its value comes from: 0 is the picture itself. */
interface Source {
  readonly image: 0 | 1 | 2 | 3;
  readonly row: number;
  readonly column: number;
}

type Change = (row: number, column: number) => Source;

/** Ways to take away what a picture shows and leave its pixels what they are. */
const CHANGES: readonly ((height: number, width: number, uniform: Uniform) => Change)[] = [
  // Each quarter from another image.
  (height, width) => (row, column) => {
    const image = ((row < height / 2 ? 0 : 2) + (column < width / 2 ? 0 : 1)) as Source['image'];
    return { image, row, column };
  },
  // Quarters exchanged across the middle.
  (height, width) => (row, column) => ({
    image: 0,
    row: (row + (height >> 1)) % height,
    column: (column + (width >> 1)) % width,
  }),
  // Rows in another order.
  (height, _width, uniform) => {
    const order = shuffled(height, uniform);
    return (row, column) => ({ image: 0, row: order[row]!, column });
  },
  // Every other column from another image.
  () => (row, column) => ({ image: column % 2 === 0 ? 0 : 1, row, column }),
  // Four small copies.
  (height, width) => (row, column) => ({ image: 0, row: (2 * row) % height, column: (2 * column) % width }),
];

/**
 * Statistics of pictures that are like none of `pixels` and made of nothing else: with them calibration sees
 * what familiarity keeps out before anything foreign has come, and without looking at what proves its gate.
 *
 * @param pixels Decoded, interleaved; the first 200 are changed, each with those after it.
 * @returns Five for each; none of fewer than four images.
 */
export function changedPictures(
  pixels: readonly Pixels[],
  { height, width, channels }: Pick<ImageShape, 'height' | 'width' | 'channels'>,
): readonly ImageStatistics[] {
  if (pixels.length < 4) return [];
  const shape: ImageShape = { height, width, channels, layout: 'NHWC' };
  return pixels.slice(0, MOST_CHANGED).flatMap((_, i) => {
    const sources = [0, 1, 2, 3].map((j) => pixels[(i + j) % pixels.length]!);
    const uniform = createUniform(forkSeed(Uint32Array.of(20, 26, 11, 28), i));
    return CHANGES.map((make) => {
      const change = make(height, width, uniform);
      const values = new Float32Array(height * width * channels);
      for (let row = 0, to = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const from = change(row, column);
          const at = (from.row * width + from.column) * channels;
          for (let c = 0; c < channels; c++, to++) values[to] = sources[from.image]![at + c]! / 255;
        }
      }
      return imageStatistics(values, shape);
    });
  });
}

/** 0 … count − 1 in a random order (Fisher, Yates 1938). */
function shuffled(count: number, uniform: Uniform): readonly number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
