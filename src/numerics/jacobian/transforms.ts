import { coordinate, type ImageShape } from './image-shape.ts';
import type { Input } from './probes.ts';

/** Small changes of a picture that leave its label alone, and the unit of each one's step. */
const TRANSFORMS = {
  shift_x: 'fraction of the width',
  shift_y: 'fraction of the height',
  rotation: 'degrees',
  scale: 'fraction of the size',
  brightness: 'intensity, 0 to 1',
  blur: 'weight of the blurred image; less than 0 sharpens',
  mirror: 'none: either mirrored or not',
} as const;

export type TransformName = keyof typeof TRANSFORMS;

export const TRANSFORM_NAMES = Object.keys(TRANSFORMS) as TransformName[];

export interface Transform {
  readonly name: TransformName;
  /** One natural step, in the unit above; copies are taken at + and − one step. */
  readonly step: number;
}

/** The family that is measured where nothing else is said; mirror only where labels survive it. */
export function defaultFamily(mirrorKeepsLabel: boolean): readonly Transform[] {
  const family: Transform[] = [
    { name: 'shift_x', step: 1 / 28 },
    { name: 'shift_y', step: 1 / 28 },
    { name: 'rotation', step: 8 },
    { name: 'scale', step: 0.1 },
    { name: 'brightness', step: 0.1 },
    { name: 'blur', step: 1 },
  ];
  return mirrorKeepsLabel ? [...family, { name: 'mirror', step: 1 }] : family;
}

/** Copies of the input that one transformation makes: at + and − one step, or the mirror image alone. */
export function copiesOf({ name }: Transform): 1 | 2 {
  return name === 'mirror' ? 1 : 2;
}

/**
 * Writes the transformed input into `target`, D numbers. Places between pixels are interpolated bilinearly;
 * outside the picture its edge goes on.
 *
 * @param sign Towards + or − one step; ignored for mirror.
 */
export function writeTransformed(
  input: Input,
  shape: ImageShape,
  { name, step }: Transform,
  sign: 1 | -1,
  target: Float32Array,
): void {
  const { values, unitsPerIntensity } = input;
  const amount = sign * step;
  switch (name) {
    case 'shift_x':
      resample(values, shape, 1, 0, -amount * shape.width, 0, target);
      return;
    case 'shift_y':
      resample(values, shape, 1, 0, 0, -amount * shape.height, target);
      return;
    case 'rotation': {
      const angle = (amount * Math.PI) / 180;
      resample(values, shape, Math.cos(angle), Math.sin(angle), 0, 0, target);
      return;
    }
    case 'scale':
      resample(values, shape, 1 / (1 + amount), 0, 0, 0, target);
      return;
    case 'brightness':
      for (let i = 0; i < target.length; i++) target[i] = values[i]! + amount * unitsPerIntensity[i]!;
      return;
    case 'blur':
      blur(values, shape, target);
      for (let i = 0; i < target.length; i++) target[i] = values[i]! + amount * (target[i]! - values[i]!);
      return;
    case 'mirror':
      resample(values, shape, 1, 0, 0, 0, target, true);
  }
}

/**
 * target(row, column) = source at a·(column, row) rotated by (a, b) about the centre, moved by (dx, dy), the
 * columns reversed for a mirror image.
 */
function resample(
  source: Float32Array,
  shape: ImageShape,
  a: number,
  b: number,
  dx: number,
  dy: number,
  target: Float32Array,
  mirrored = false,
): void {
  const { height, width, channels } = shape;
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const nextColumn = coordinate(shape, 0, 1, 0) - coordinate(shape, 0, 0, 0);
  const nextRow = coordinate(shape, 1, 0, 0) - coordinate(shape, 0, 0, 0);
  const nextChannel = coordinate(shape, 0, 0, 1) - coordinate(shape, 0, 0, 0);
  for (let row = 0; row < height; row++) {
    const v = row - centreY;
    for (let column = 0; column < width; column++) {
      const u = (mirrored ? width - 1 - column : column) - centreX;
      const x = clamp(centreX + a * u - b * v + dx, width - 1);
      const y = clamp(centreY + b * u + a * v + dy, height - 1);
      const left = Math.min(width - 1, Math.floor(x));
      const top = Math.min(height - 1, Math.floor(y));
      const right = x - left;
      const down = y - top;
      const corner = top * nextRow + left * nextColumn;
      const alongX = left + 1 < width ? nextColumn : 0;
      const alongY = top + 1 < height ? nextRow : 0;
      const place = row * nextRow + column * nextColumn;
      for (let channel = 0; channel < channels; channel++) {
        const at = corner + channel * nextChannel;
        const upper = source[at]! * (1 - right) + source[at + alongX]! * right;
        const lower = source[at + alongY]! * (1 - right) + source[at + alongX + alongY]! * right;
        target[place + channel * nextChannel] = upper * (1 - down) + lower * down;
      }
    }
  }
}

/** Weights 1/4, 1/2, 1/4 along both axes, over neighbours 1/28 of the width away. */
function blur(source: Float32Array, shape: ImageShape, target: Float32Array): void {
  const { height, width, channels } = shape;
  const reach = Math.max(1, Math.round(width / 28));
  const between = new Float32Array(source.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const before = Math.max(0, column - reach);
      const behind = Math.min(width - 1, column + reach);
      for (let channel = 0; channel < channels; channel++) {
        const at = coordinate(shape, row, column, channel);
        between[at] =
          source[at]! / 2 +
          (source[coordinate(shape, row, before, channel)]! +
            source[coordinate(shape, row, behind, channel)]!) /
            4;
      }
    }
  }
  for (let row = 0; row < height; row++) {
    const above = Math.max(0, row - reach);
    const below = Math.min(height - 1, row + reach);
    for (let column = 0; column < width; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = coordinate(shape, row, column, channel);
        target[at] =
          between[at]! / 2 +
          (between[coordinate(shape, above, column, channel)]! +
            between[coordinate(shape, below, column, channel)]!) /
            4;
      }
    }
  }
}
