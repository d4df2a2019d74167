import { sharp } from './libvips.ts';

/** How decoding turns the image to make it upright, 1 to 8 as in Exif; 1 where it does not say. */
export async function readOrientation(bytes: Uint8Array): Promise<number> {
  const { orientation = 1 } = await sharp(bytes, { limitInputPixels: false, failOn: 'none' }).metadata();
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}
