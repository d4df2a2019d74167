import type { ImageShape } from '../src/numerics/jacobian/image-shape.ts';
import type { Uniform } from '../src/numerics/random.ts';

/** The size of the pictures below. */
export const PICTURE_SHAPE: ImageShape = { height: 16, width: 16, channels: 1, layout: 'NCHW' };

/** A bright upright or lying bar on a dark ground, of class 0 or 1, somewhere near the middle. */
export function barPicture(kind: 0 | 1, uniform: Uniform): Uint8Array {
  const { height, width } = PICTURE_SHAPE;
  const place = 6 + 3 * uniform();
  const half = 1.5 + uniform();
  const length = 5 + 2 * uniform();
  const light = 170 + 60 * uniform();
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const [across, along] = kind === 0 ? [column, row] : [row, column];
    const inside = Math.min(1, Math.max(0, half + 0.5 - Math.abs(across - place)));
    return Math.abs(along - 7.5) <= length ? Math.round(light * inside) : 0;
  });
}

/** A picture of anything: a sum of waves of any direction and length. */
export function anyPicture(uniform: Uniform): Uint8Array {
  const { height, width } = PICTURE_SHAPE;
  const waves = Array.from({ length: 1 + Math.floor(6 * uniform()) }, () => ({
    x: 3 * (uniform() - 0.5),
    y: 3 * (uniform() - 0.5),
    phase: 7 * uniform(),
  }));
  const [middle, contrast, grain] = [60 + 140 * uniform(), 20 + 100 * uniform(), 60 * uniform() ** 2];
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const sum = waves.reduce((all, { x, y, phase }) => all + Math.sin(x * column + y * row + phase), 0);
    const value = middle + (contrast * sum) / waves.length + grain * (uniform() - 0.5);
    return Math.min(255, Math.max(0, Math.round(value)));
  });
}
