/**
 * How much work and memory an image will take, judged by its header before any of it is spent. The figures
 * are upper bounds of what was measured with images of one colour, of noise, wide, tall, deep and interlaced
 * (test/model/decode-work.test.ts).
 */
import { ImageError } from './image-error.ts';
import type { ImageHeader } from './image-header.ts';
import { imageShape, type Manifest } from './manifest.ts';

export interface DecodeWork {
  /** Bytes that decoding holds at the most, beyond the file. */
  readonly bytes: number;
  /** That are decoded, as often as the decoder goes over them. */
  readonly pixels: number;
  /** Whether it is done in a few milliseconds and megabytes, whatever the rest of the file holds. */
  readonly cheap: boolean;
}

/** Of a decoder at work, whatever the image: buffers of tables, rows and threads. */
const ALWAYS_BYTES = 32_000_000;
/** Rows that pass through the steps of a pipeline at a time, of all steps together. */
const ROWS = 1050;
/** Of an image of few rows, how often each of them is held. */
const EACH_ROW = 12;
/** Deflated data comes to so many times its bytes at the most. */
const INFLATED = 1032;

/**
 * Within these an image is decoded beside the service's own work: in a millisecond or two. Beyond them it
 * would hold up others, whose images are as small as most models take; a decoder takes it as fast.
 */
const CHEAP_PIXELS = 65_536;
const CHEAP_SIDE = 1_024;
/** Once the shorter side is resized, where the model crops after that. */
const CHEAP_RESIZED = 131_072;
const CHEAP_BYTES = 16_000_000;
const CHEAP_FILE = 200_000;
/** How many times longer than wide an image may be, whatever the bound on pixels. */
const LEAST_RATIO = 4;
/** Bytes that decoding one image may hold. 50 million pixels of any ordinary kind take less. */
export const MOST_DECODE_BYTES = 536_870_912;
/** Where nothing could be read from the header: it is refused for that (`requireHeader`), and not decoded. */
const NONE: DecodeWork = { bytes: 0, pixels: 0, cheap: true };

/** What decoding `header`'s image to the model's pixels takes. */
export function decodeWork(header: ImageHeader | null, fileBytes: number, manifest: Manifest): DecodeWork {
  if (header === null) return NONE;
  const { width, height } = header;
  const pixels = width * height;
  const allPixels = pixels * header.passes;
  const resized = resizedSides(header, manifest);
  const rows =
    rowsBytes(width, height, header.bytesPerPixel) +
    (resized === null ? 0 : rowsBytes(resized.longer, resized.shorter, 3));
  const inflated = INFLATED * header.deflated;
  const held = pixels * header.heldPerPixel + rows;
  const cheap =
    fileBytes <= CHEAP_FILE &&
    allPixels <= CHEAP_PIXELS &&
    Math.max(width, height) <= CHEAP_SIDE &&
    (resized === null || resized.longer * resized.shorter <= CHEAP_RESIZED) &&
    held + inflated + pixels * header.worstPerPixel <= CHEAP_BYTES;
  const bytes = ALWAYS_BYTES + fileBytes + held + Math.min(inflated, 2 * ALWAYS_BYTES);
  return { bytes, pixels: allPixels, cheap };
}

function rowsBytes(width: number, height: number, bytesPerPixel: number): number {
  return width * bytesPerPixel * Math.min(ROWS, EACH_ROW * height);
}

interface Sides {
  readonly shorter: number;
  readonly longer: number;
}

/**
 * The sides between which the model's rule crops, where it crops: the shorter one has the rule's length, the
 * longer one whatever the proportions make of it.
 */
function resizedSides({ width, height }: ImageHeader, manifest: Manifest): Sides | null {
  const { resize } = manifest.input;
  if (resize.rule !== 'short_side') return null;
  const ratio = Math.max(width, height) / Math.max(1, Math.min(width, height));
  return { shorter: resize.length, longer: Math.round(resize.length * ratio) };
}

/**
 * Refuses an image of more pixels than `maxPixels`, as it is or once the model's rule has resized it.
 *
 * @throws ImageError `image_too_large`
 */
export function requirePixels(header: ImageHeader, maxPixels: number, manifest: Manifest): void {
  const { width, height } = header;
  if (width * height > maxPixels) {
    throw new ImageError('image_too_large', `expected at most ${maxPixels} pixels, got ${width} × ${height}`);
  }
  const resized = resizedSides(header, manifest);
  if (resized === null) return;
  const { shorter, longer } = resized;
  const most = Math.max(maxPixels, LEAST_RATIO * shorter * shorter);
  if (shorter * longer <= most) return;
  const input = imageShape(manifest);
  throw new ImageError(
    'image_too_large',
    `expected at most ${most} pixels once the shorter side is ${shorter}, as the model takes it; ` +
      `${width} × ${height} becomes ${shorter} × ${longer}. Send the part that matters: ` +
      `the model looks at ${input.width} × ${input.height} in its centre`,
  );
}

/**
 * Refuses an image that takes more memory than decoding may hold: very wide ones, of which many rows pass
 * through at a time, and large ones that are made whole.
 *
 * @throws ImageError `image_too_costly`
 */
export function requireMemory({ bytes }: DecodeWork, mostBytes = MOST_DECODE_BYTES): void {
  if (bytes <= mostBytes) return;
  throw new ImageError(
    'image_too_costly',
    `expected an image that takes at most ${Math.floor(mostBytes / 2 ** 20)} MiB to decode, got one that takes about ` +
      `${Math.round(bytes / 2 ** 20)} MiB. Send it smaller, with 8 bits a channel, or neither interlaced ` +
      'nor animated',
  );
}
