import { damageOf } from './damage/damage.ts';
import { damageOfApart } from './damage/damage-apart.ts';
import { decodeWork, requireMemory, requirePixels } from './decode-work.ts';
import { ImageError } from './image-error.ts';
import { breaksOff, requireHeader } from './image-header.ts';
import { imageTypeOf } from './image-type.ts';
import { sharp } from './libvips.ts';
import { imageShape, type Manifest } from './manifest.ts';
import type { Pixels } from './preprocess.ts';
import { createResize, keepsInputSize } from './resize.ts';

/** What an image file comes to. */
export interface Decoded {
  readonly pixels: Pixels;
  /** What is damaged about the file, in words; null where it is whole, as far as can be told. */
  readonly damage: string | null;
}

/**
 * Makes a function from the bytes of an image file to pixels of the model's size: upright, resized and
 * cropped by the manifest's rule, gray or RGB, 8 bit. Neither its header nor what is damaged is looked at.
 *
 * @throws whatever libvips does (from the returned function)
 */
export function createReadPixels(
  manifest: Manifest,
  maxPixels: number,
): (bytes: Uint8Array, failOn: 'warning' | 'truncated') => Promise<Pixels> {
  const resize = createResize(manifest);
  const { background } = manifest.input;
  const fill = { r: background, g: background, b: background };
  return (bytes, failOn) =>
    resize(
      sharp(bytes, { limitInputPixels: maxPixels, failOn, sequentialRead: true })
        .autoOrient()
        .flatten({ background: fill }),
    );
}

/**
 * Makes a function from the bytes of an image file to its pixels, as `createReadPixels` reads them. Whether
 * the file is damaged is said beside them.
 *
 * @param maxPixels Larger images are refused before they are decoded.
 * @throws ImageError (from the returned function)
 */
export function createDecode(manifest: Manifest, maxPixels: number): (bytes: Uint8Array) => Promise<Decoded> {
  const read = createReadPixels(manifest, maxPixels);
  return async (bytes) => {
    if (bytes.length === 0) throw new ImageError('empty_image', 'expected an image, got 0 bytes');
    const type = imageTypeOf(bytes);
    if (type === null) {
      const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
      throw new ImageError(
        'unsupported_image_type',
        `expected JPEG, PNG or WebP, got ${bytes.length} bytes that begin with ${start}`,
      );
    }
    const header = requireHeader(bytes);
    requirePixels(header, maxPixels, manifest);
    const work = decodeWork(header, bytes.length, manifest);
    requireMemory(work);
    // Another thread makes pixels while this one looks at the file.
    const strictly = read(bytes, 'warning').then(
      (pixels) => ({ pixels, warning: null }),
      (error: unknown) => ({ pixels: null, warning: messageOf(error) }),
    );
    const damage = work.cheap ? damageOf(bytes, type) : null;
    const { pixels, warning } = await strictly;
    // What the decoder refuses or warns of needs no second look, which of large files takes a thread.
    if (pixels !== null) return { pixels, damage: work.cheap ? damage : await damageOfApart(bytes, type) };
    try {
      return { pixels: await read(bytes, 'truncated'), damage: damage ?? `its decoder warns: ${warning}` };
    } catch (error) {
      throw asImageError(error, bytes);
    }
  };
}

/**
 * Makes a function from gray values, row-major, to the pixels that an image file of them decodes to.
 *
 * @throws RangeError (from the returned function) if there are not height × width values
 */
export function createDecodeGray(
  manifest: Manifest,
  height: number,
  width: number,
): (values: Uint8Array) => Promise<Pixels> {
  const resize = createResize(manifest);
  const shape = imageShape(manifest);
  const isInput = shape.height === height && shape.width === width && shape.channels === 1;
  const keeps = isInput && keepsInputSize(manifest);
  return async (values) => {
    if (values.length !== height * width) {
      throw new RangeError(`expected ${height * width} gray values, got ${values.length}`);
    }
    return keeps ? values : resize(sharp(values, { raw: { width, height, channels: 1 } }));
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function asImageError(error: unknown, bytes: Uint8Array): ImageError {
  const message = messageOf(error);
  // What the header says is held against the bounds before; these are the decoders' own.
  if (/exceeds pixel limit|exceeds.*user limit|too large|image dimensions/i.test(message)) {
    return new ImageError('image_too_large', `the decoder takes no image of this size: ${message}`);
  }
  if (
    breaksOff(bytes) ||
    /premature end|truncated|unexpected end|not enough data|read error/i.test(message)
  ) {
    return new ImageError('truncated_image', `expected a whole image, got one that breaks off: ${message}`);
  }
  return new ImageError('unreadable_image', `expected a readable JPEG, PNG or WebP image: ${message}`);
}
