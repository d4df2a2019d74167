import type { Pixels } from '../src/model/preprocess.ts';
import { createUniform, forkSeed, type Uniform } from '../src/numerics/random.ts';
import { blurred, drawn, normalNoise, shuffled, type Size } from './gray-pictures.ts';

/** What a foreign picture may be made of. */
interface Material {
  readonly size: Size;
  /** A picture of the model's own kind, and another one with another label. */
  readonly own: Pixels;
  readonly other: Pixels;
  readonly index: number;
  readonly uniform: Uniform;
}

/**
 * Gray pictures that show nothing a model has a label for: whatever it says of them is wrong. Each makes one.
 */
export const FOREIGN = {
  'constant gray': ({ size, index }) => drawn(size, () => index % 256),
  'uniform noise': ({ size, uniform }) => drawn(size, () => 256 * uniform() - 0.5),
  'normal noise': ({ size, uniform }) => {
    const noise = normalNoise(size, uniform);
    return drawn(size, (row, column) => 128 + 50 * noise[row * size.width + column]!);
  },
  'binary noise': ({ size, uniform }) => drawn(size, () => (uniform() < 0.5 ? 0 : 255)),
  'salt and pepper': ({ size, uniform }) => {
    const [ground, share] = [256 * uniform(), 0.02 + 0.28 * uniform()];
    return drawn(size, () => {
      const chance = uniform();
      return chance < share / 2 ? 0 : chance < share ? 255 : ground;
    });
  },
  'smooth noise': (material) => smooth(material, 1),
  clouds: (material) => smooth(material, 3),
  stripes: (material) => waves(material, (wave) => (wave > 0 ? 255 : 0)),
  waves: (material) => waves(material, (wave) => 127.5 + 127.5 * wave),
  checkerboard: ({ size, uniform }) => {
    const [side, down, right] = [
      2 + Math.floor(6 * uniform()),
      Math.floor(8 * uniform()),
      Math.floor(8 * uniform()),
    ];
    return drawn(size, (row, column) => {
      return (Math.floor((row + down) / side) + Math.floor((column + right) / side)) % 2 === 0 ? 0 : 255;
    });
  },
  gradient: ({ size, uniform }) => {
    const [angle, slope, middle] = [2 * Math.PI * uniform(), 40 + 200 * uniform(), 80 + 96 * uniform()];
    const [down, right] = [Math.sin(angle) / size.height, Math.cos(angle) / size.width];
    return drawn(size, (row, column) => {
      return middle + slope * (down * (row - size.height / 2) + right * (column - size.width / 2));
    });
  },
  disks: ({ size, uniform }) => {
    const disks = Array.from({ length: 1 + Math.floor(4 * uniform()) }, () => ({
      row: size.height * uniform(),
      column: size.width * uniform(),
      radius: (0.1 + 0.25 * uniform()) * size.width,
      light: 60 + 195 * uniform(),
    }));
    return drawn(size, (row, column) => {
      const inside = disks.filter((one) => Math.hypot(row - one.row, column - one.column) < one.radius);
      return inside.at(-1)?.light ?? 0;
    });
  },
  inverted: ({ size, own }) => drawn(size, (row, column) => 255 - own[row * size.width + column]!),
  'patches of 7 × 7 in another order': ({ size, own, uniform }) => {
    const [down, across] = [Math.floor(size.height / 7), Math.floor(size.width / 7)];
    const order = shuffled(down * across, uniform);
    return drawn(size, (row, column) => {
      const from = order[Math.floor(row / 7) * across + Math.floor(column / 7)]!;
      const [top, left] = [7 * Math.floor(from / across), 7 * (from % across)];
      return own[(top + (row % 7)) * size.width + left + (column % 7)]!;
    });
  },
  'pixels in another order': ({ size, own, uniform }) => {
    const order = shuffled(own.length, uniform);
    return drawn(size, (row, column) => own[order[row * size.width + column]!]!);
  },
  'mixtures of two': ({ size, own, other }) =>
    drawn(size, (row, column) => {
      const i = row * size.width + column;
      return (own[i]! + other[i]!) / 2;
    }),
} as const satisfies Readonly<Record<string, (material: Material) => Uint8Array>>;

export type Foreign = keyof typeof FOREIGN;

export const FOREIGN_NAMES = Object.keys(FOREIGN) as Foreign[];

/**
 * `count` pictures of one kind, always the same.
 *
 * @param images Of the model's own kind and size, of which some kinds are made.
 * @param labelOf Their labels, by index.
 */
export function foreignPictures(
  kind: Foreign,
  count: number,
  size: Size,
  images: readonly Pixels[],
  labelOf: (index: number) => number,
): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, index) => {
    const uniform = createUniform(
      forkSeed(Uint32Array.of(FOREIGN_NAMES.indexOf(kind) + 1, 5, 20, 26), index),
    );
    const first = index % images.length;
    let second = Math.floor(uniform() * images.length);
    for (let tried = 0; labelOf(second) === labelOf(first) && tried < images.length; tried++) {
      second = (second + 1) % images.length;
    }
    return FOREIGN[kind]({ size, own: images[first]!, other: images[second]!, index, uniform });
  });
}

function smooth({ size, uniform }: Material, radius: number): Uint8Array {
  const values = blurred(normalNoise(size, uniform), size, radius);
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  return drawn(size, (row, column) => (255 * (values[row * size.width + column]! - least)) / (most - least));
}

function waves({ size, uniform }: Material, light: (wave: number) => number): Uint8Array {
  const [angle, frequency, phase] = [Math.PI * uniform(), 0.03 + 0.27 * uniform(), 7 * uniform()];
  return drawn(size, (row, column) => {
    const along = Math.sin(angle) * row + Math.cos(angle) * column;
    return light(Math.sin(2 * Math.PI * frequency * along + phase));
  });
}
