import type { Pixels } from '../model/preprocess.ts';
import type { ImageShape } from '../numerics/jacobian/image-shape.ts';
import { createUniform, fillStandardNormal, forkSeed } from '../numerics/random.ts';
import { writeTransformed } from '../numerics/jacobian/transforms.ts';
import type { Dataset } from './dataset.ts';

/**
 * Ways in which images depart from what a model was trained on, each of a strength that costs accuracy
 * (docs/research/validation.md). Lengths go with the width, so that they mean the same at every size.
 */
export const SHIFTS = {
  noise: 'normal noise with a standard deviation of 25 of 255, each value on its own',
  blur: 'weights ¼, ½, ¼ over neighbours 1/28 of the width away, along both axes, twice',
  rotation: 'by an angle between −30° and 30°',
  translation: 'by up to 5/28 of the width and of the height',
  contrast: 'shrunk to 0.4 of itself and lifted by 40 of 255',
  occlusion: 'a black square of 9/28 of the width, anywhere',
} as const;

export type Shift = keyof typeof SHIFTS;

export const SHIFT_NAMES = Object.keys(SHIFTS) as Shift[];

/**
 * The decoded image, shifted. What is random follows from the shift and `index` alone, so that the same index
 * always gets the same change.
 *
 * @param index Of the image in its data set.
 */
export function shiftPixels(
  pixels: Pixels,
  { height, width, channels }: Pick<ImageShape, 'height' | 'width' | 'channels'>,
  shift: Shift,
  index: number,
): Pixels {
  // Hashed, since the first numbers from seeds that differ in one word alone are alike.
  const uniform = createUniform(forkSeed(Uint32Array.of(SHIFT_NAMES.indexOf(shift) + 1, 1, 20, 26), index));
  // Decoded pixels are interleaved, whatever the layout of the model's input.
  const shape: ImageShape = { height, width, channels, layout: 'NHWC' };
  const values = Float32Array.from(pixels);
  const input = { values, unitsPerIntensity: new Float32Array(values.length).fill(255) };
  const out = new Float32Array(values.length);
  const signed = (most: number): number => (2 * uniform() - 1) * most;
  switch (shift) {
    case 'noise':
      fillStandardNormal(out, uniform);
      for (let i = 0; i < out.length; i++) out[i] = values[i]! + 25 * out[i]!;
      break;
    case 'blur':
      writeTransformed(input, shape, { name: 'blur', step: 1 }, 1, out);
      values.set(out);
      writeTransformed(input, shape, { name: 'blur', step: 1 }, 1, out);
      break;
    case 'rotation':
      writeTransformed(input, shape, { name: 'rotation', step: signed(30) }, 1, out);
      break;
    case 'translation':
      writeTransformed(input, shape, { name: 'shift_x', step: signed(5 / 28) }, 1, out);
      values.set(out);
      writeTransformed(input, shape, { name: 'shift_y', step: signed(5 / 28) }, 1, out);
      break;
    case 'contrast':
      for (let i = 0; i < out.length; i++) out[i] = 40 + 0.4 * values[i]!;
      break;
    case 'occlusion': {
      out.set(values);
      const side = Math.round((9 / 28) * width);
      const top = Math.floor(uniform() * (height - side));
      const left = Math.floor(uniform() * (width - side));
      for (let row = top; row < top + side; row++) {
        out.fill(0, (row * width + left) * channels, (row * width + left + side) * channels);
      }
      break;
    }
  }
  return Uint8Array.from(out, (value) => Math.min(255, Math.max(0, Math.round(value))));
}

/** The same images under the same labels, each shifted as it is read. */
export function shiftDataset(
  dataset: Dataset,
  shape: Pick<ImageShape, 'height' | 'width' | 'channels'>,
  shift: Shift,
): Dataset {
  return {
    ...dataset,
    name: `${dataset.name}, ${shift}`,
    images: dataset.images.map((image, index) => ({
      ...image,
      read: async () => {
        const { pixels, damage } = await image.read();
        return { pixels: shiftPixels(pixels, shape, shift, index), damage };
      },
    })),
  };
}
