import type { Sharp } from 'sharp';
import { sharp } from './libvips.ts';
import { imageShape, type Manifest } from './manifest.ts';
import type { Pixels } from './preprocess.ts';

/**
 * Makes a function from an upright, opaque picture to pixels of the model's size: resized and cropped by the
 * manifest's rule, gray or RGB, 8 bit.
 *
 * @throws Error (from the returned function) if the picture cannot be read
 */
export function createResize(manifest: Manifest): (image: Sharp) => Promise<Pixels> {
  const { height, width, channels } = imageShape(manifest);
  const { resize, background } = manifest.input;
  const fill = { r: background, g: background, b: background };
  // Shrinking inside the decoders would give each file format other pixels of the same picture.
  const how = { kernel: resize.kernel, fastShrinkOnLoad: false };
  return async (image) => {
    let sized: Sharp;
    if (resize.rule === 'stretch') {
      sized = image.resize({ width, height, fit: 'fill', ...how });
    } else if (resize.rule === 'contain') {
      sized = image.resize({ width, height, fit: 'contain', ...how, background: fill });
    } else {
      const short = resize.length;
      const { data, info } = await image
        .resize({ width: short, height: short, fit: 'outside', ...how })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      sized = sharp(data, {
        raw: { width: info.width, height: info.height, channels: info.channels },
      }).extract({
        left: (info.width - width) >> 1,
        top: (info.height - height) >> 1,
        width,
        height,
      });
    }
    const { data, info } = await sized
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels || info.width !== width || info.height !== height) {
      throw new Error(`decoded to ${info.width}×${info.height}×${info.channels}`);
    }
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  };
}

/** Whether the manifest's rule leaves a picture of the model's size as it is. */
export function keepsInputSize(manifest: Manifest): boolean {
  const { height, width } = imageShape(manifest);
  const { resize } = manifest.input;
  return resize.rule !== 'short_side' || (resize.length === height && resize.length === width);
}
