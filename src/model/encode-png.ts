import type { ImageShape } from '../numerics/jacobian/image-shape.ts';
import { sharp } from './libvips.ts';
import type { Pixels } from './preprocess.ts';

/** PNG of decoded pixels, at the size of the model's input. */
export function encodePng(
  pixels: Pixels,
  { height, width, channels }: Pick<ImageShape, 'height' | 'width' | 'channels'>,
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { height, width, channels: channels === 1 ? 1 : 3 } })
    .png()
    .toBuffer();
}
