import type { ImageFile } from './image-file.ts';
import { orientJpeg, stripJpeg } from './jpeg-metadata.ts';
import { orientPng, stripPng } from './png-metadata.ts';
import { orientWebp, stripWebp } from './webp-metadata.ts';

/** By what each begins like: what else is called so is no image, and shows nobody anything. */
const FORMATS = {
  'image/jpeg': { begins: /^\xff\xd8\xff/, strip: stripJpeg, orient: orientJpeg },
  'image/png': { begins: /^\x89PNG\r\n/, strip: stripPng, orient: orientPng },
  'image/webp': { begins: /^RIFF[^]{4}WEBP/, strip: stripWebp, orient: orientWebp },
} as const;

/**
 * The same pixels without Exif, GPS, XMP, IPTC, comments, texts, thumbnails, and what lies behind the image's
 * end. Nothing is decoded or compressed anew: the containers' parts are chosen. Only the orientation stays,
 * which pixels need to be upright.
 *
 * @param readOrientation How the decoder would turn the image, 1 to 8; asked only of images that have Exif.
 */
export async function withoutMetadata(
  image: ImageFile,
  readOrientation: (bytes: Uint8Array) => Promise<number>,
): Promise<ImageFile> {
  const { bytes, contentType } = image;
  if (!isKnown(contentType)) return image;
  const { begins, strip, orient } = FORMATS[contentType];
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stripped = begins.test(file.toString('latin1', 0, 12)) ? strip(file) : null;
  if (stripped === null) return image;
  const orientation = stripped.hadExif ? await readOrientation(bytes) : 1;
  const parts = orientation > 1 ? orient(stripped.parts, orientation) : stripped.parts;
  return { bytes: Buffer.concat(parts), contentType };
}

function isKnown(contentType: string): contentType is keyof typeof FORMATS {
  return Object.hasOwn(FORMATS, contentType);
}
