import { readFile } from 'node:fs/promises';
import { createDecode, type Decoded } from '../model/decode.ts';
import { ImageError } from '../model/image-error.ts';
import type { Manifest } from '../model/manifest.ts';

/**
 * Makes a function from the path of an image file to its pixels, decoded as the service decodes.
 *
 * @throws ImageError (from the returned function), also where there is no file
 */
export function createReadImage(manifest: Manifest, maxPixels: number): (path: string) => Promise<Decoded> {
  const decode = createDecode(manifest, maxPixels);
  return async (path) => {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      throw new ImageError('unreadable_image', `expected an image file: ${(error as Error).message}`);
    }
    return decode(bytes);
  };
}
