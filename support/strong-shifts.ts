import type { Pixels } from '../src/model/preprocess.ts';
import { sharp } from '../src/model/libvips.ts';
import { createUniform, forkSeed, type Uniform } from '../src/numerics/random.ts';
import { between, blurred, drawn, normalNoise, type Size } from './gray-pictures.ts';

type Shift = (pixels: Pixels, size: Size, uniform: Uniform) => Uint8Array | Promise<Uint8Array>;

/** Ways in which a gray picture of the model's kind comes otherwise than calibration's. */
export const STRONG_SHIFTS = {
  'brightness +40': each((value) => value + 40),
  'brightness −40': each((value) => value - 40),
  'brightness +80': each((value) => value + 80),
  'contrast ½': each((value) => value / 2),
  'contrast 0.4, lifted by 40': each((value) => 40 + 0.4 * value),
  'gamma 2': each((value) => 255 * (value / 255) ** 2),
  'gamma ½': each((value) => 255 * Math.sqrt(value / 255)),
  'background 128': each((value) => Math.max(128, value)),
  'quarter turn': (pixels, size) =>
    drawn(size, (row, column) => pixels[column * size.width + size.width - 1 - row] ?? 0),
  // Half a turn.
  'upside down': (pixels) => Uint8Array.from(pixels).reverse(),
  'rotation 30°': placed(30, 1),
  'rotation 45°': placed(45, 1),
  'scale 0.5': placed(0, 0.5),
  'scale 0.75': placed(0, 0.75),
  'scale 1.5': placed(0, 1.5),
  'moved by 3 px': moved(3),
  'moved by 6 px': moved(6),
  clutter: (pixels, size, uniform) => {
    const boxes = Array.from({ length: 6 }, () => ({
      ...place(size, 0.1 + 0.18 * uniform(), uniform),
      light: 255 * uniform(),
    }));
    return drawn(size, (row, column) => {
      return boxes.findLast((box) => isIn(box, row, column))?.light ?? pixels[row * size.width + column]!;
    });
  },
  'cut out': (pixels, size, uniform) => {
    const box = place(size, 9 / 28, uniform);
    return drawn(size, (row, column) => (isIn(box, row, column) ? 0 : pixels[row * size.width + column]!));
  },
  'out of focus, 2 px': (pixels, size) => planed(blurred(blurred(pixels, size, 1), size, 1), size),
  'out of focus, 3 px': (pixels, size) => planed(blurred(blurred(pixels, size, 2), size, 1), size),
  'motion over 9 px': (pixels, size) =>
    drawn(size, (row, column) => {
      let sum = 0;
      for (let by = -4; by <= 4; by++) sum += between(pixels, size, row, column + by);
      return sum / 9;
    }),
  'blocks of 4 × 4': blocks(4),
  'blocks of 7 × 7': blocks(7),
  'JPEG 20': async (pixels, { height, width }) => {
    const file = await sharp(pixels, { raw: { height, width, channels: 1 } })
      .jpeg({ quality: 20 })
      .toBuffer();
    return new Uint8Array(await sharp(file).toColourspace('b-w').raw().toBuffer());
  },
  'noise 25': noisy(25),
  'noise 50': noisy(50),
  'noise 100': noisy(100),
  'salt and pepper 10%': (pixels, size, uniform) =>
    drawn(size, (row, column) => {
      const chance = uniform();
      return chance < 0.05 ? 0 : chance < 0.1 ? 255 : pixels[row * size.width + column]!;
    }),
  'elastic, 2 px': elastic(2),
  'elastic, 4 px': elastic(4),
  thinner: morphology(Math.min),
  thicker: morphology(Math.max),
} as const satisfies Readonly<Record<string, Shift>>;

export type StrongShift = keyof typeof STRONG_SHIFTS;

export const STRONG_SHIFT_NAMES = Object.keys(STRONG_SHIFTS) as StrongShift[];

/** The picture, shifted; what is random follows from shift and index alone. */
export async function strongShift(
  shift: StrongShift,
  pixels: Pixels,
  size: Size,
  index: number,
): Promise<Uint8Array> {
  const seed = Uint32Array.of(STRONG_SHIFT_NAMES.indexOf(shift) + 1, 9, 20, 26);
  return STRONG_SHIFTS[shift](pixels, size, createUniform(forkSeed(seed, index)));
}

function planed(values: ArrayLike<number>, size: Size): Uint8Array {
  return drawn(size, (row, column) => values[row * size.width + column]!);
}

function each(change: (value: number) => number): Shift {
  return (pixels, size) => drawn(size, (row, column) => change(pixels[row * size.width + column]!));
}

/** Turned about the middle and made larger. */
function placed(degrees: number, scale: number): Shift {
  const [sine, cosine] = [
    Math.sin((degrees * Math.PI) / 180) / scale,
    Math.cos((degrees * Math.PI) / 180) / scale,
  ];
  return (pixels, size) => {
    const [middle, centre] = [(size.height - 1) / 2, (size.width - 1) / 2];
    return drawn(size, (row, column) => {
      const [y, x] = [row - middle, column - centre];
      return between(pixels, size, middle + cosine * y - sine * x, centre + sine * y + cosine * x);
    });
  };
}

function moved(by: number): Shift {
  return (pixels, size) => drawn(size, (row, column) => between(pixels, size, row + by, column - by));
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/** A square of this share of the width, anywhere. */
function place({ height, width }: Size, share: number, uniform: Uniform): Box {
  const side = Math.round(share * width);
  return { side, top: Math.floor(uniform() * (height - side)), left: Math.floor(uniform() * (width - side)) };
}

function isIn({ top, left, side }: Box, row: number, column: number): boolean {
  return row >= top && row < top + side && column >= left && column < left + side;
}

/** Squares of one value, the mean of what was there. */
function blocks(side: number): Shift {
  return (pixels, size) =>
    drawn(size, (row, column) => {
      const [top, left] = [row - (row % side), column - (column % side)];
      let [sum, count] = [0, 0];
      for (let r = top; r < Math.min(size.height, top + side); r++) {
        for (let c = left; c < Math.min(size.width, left + side); c++, count++)
          sum += pixels[r * size.width + c]!;
      }
      return sum / count;
    });
}

function noisy(deviation: number): Shift {
  return (pixels, size, uniform) => {
    const noise = normalNoise(size, uniform);
    return drawn(size, (row, column) => {
      const i = row * size.width + column;
      return pixels[i]! + deviation * noise[i]!;
    });
  };
}

/** Each pixel from as far away, smoothly, as `rms` says. */
function elastic(rms: number): Shift {
  return (pixels, size, uniform) => {
    const field = (): Float64Array => {
      const values = blurred(normalNoise(size, uniform), size, 4);
      const length = Math.sqrt(values.reduce((sum, one) => sum + one * one, 0) / values.length);
      return values.map((one) => (rms * one) / length);
    };
    const [down, right] = [field(), field()];
    return drawn(size, (row, column) => {
      const i = row * size.width + column;
      return between(pixels, size, row + down[i]!, column + right[i]!);
    });
  };
}

/** The least or largest of each pixel's 3 × 3 neighbours. */
function morphology(of: (a: number, b: number) => number): Shift {
  return (pixels, size) =>
    drawn(size, (row, column) => {
      let found = pixels[row * size.width + column]!;
      for (let r = Math.max(0, row - 1); r <= Math.min(size.height - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(size.width - 1, column + 1); c++) {
          found = of(found, pixels[r * size.width + c]!);
        }
      }
      return found;
    });
}
