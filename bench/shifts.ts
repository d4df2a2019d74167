import { writeTransformed } from '../src/numerics/transforms.ts';
import { createUniform, fillStandardNormal } from '../src/numerics/random.ts';

/** Ways in which images depart from what a model was trained on, each of a strength that costs accuracy. */
export const SHIFTS = ['noise', 'blur', 'rotation', 'translation', 'contrast', 'occlusion'] as const;

export type Shift = (typeof SHIFTS)[number];

/** A gray image of `size` × `size`, shifted; the same index gives the same image. */
export function shiftImage(pixels: Uint8Array, size: number, shift: Shift, index: number): Uint8Array {
  const uniform = createUniform(Uint32Array.of(SHIFTS.indexOf(shift) + 1, index, 20, 26));
  const shape = { height: size, width: size, channels: 1, layout: 'NCHW' } as const;
  const values = Float32Array.from(pixels);
  const input = { values, unitsPerIntensity: new Float32Array(values.length).fill(255) };
  const out = new Float32Array(values.length);
  const signed = (most: number): number => (2 * uniform() - 1) * most;
  switch (shift) {
    case 'noise': {
      fillStandardNormal(out, uniform);
      for (let i = 0; i < out.length; i++) out[i] = values[i]! + 25 * out[i]!;
      break;
    }
    case 'blur':
      writeTransformed(input, shape, { name: 'blur', step: 1 }, 1, out);
      input.values.set(out);
      writeTransformed(input, shape, { name: 'blur', step: 1 }, 1, out);
      break;
    case 'rotation':
      writeTransformed(input, shape, { name: 'rotation', step: signed(30) }, 1, out);
      break;
    case 'translation':
      writeTransformed(input, shape, { name: 'shift_x', step: signed(5 / 28) }, 1, out);
      input.values.set(out);
      writeTransformed(input, shape, { name: 'shift_y', step: signed(5 / 28) }, 1, out);
      break;
    case 'contrast':
      for (let i = 0; i < out.length; i++) out[i] = 40 + 0.4 * values[i]!;
      break;
    case 'occlusion': {
      out.set(values);
      const side = 9;
      const top = Math.floor(uniform() * (size - side));
      const left = Math.floor(uniform() * (size - side));
      for (let row = top; row < top + side; row++) out.fill(0, row * size + left, row * size + left + side);
      break;
    }
  }
  return Uint8Array.from(out, (value) => Math.min(255, Math.max(0, Math.round(value))));
}
