import type { ImageType } from '../image-type.ts';
import { jpegDamage } from './jpeg-damage.ts';
import { pngDamage } from './png-damage.ts';
import { webpDamage } from './webp-damage.ts';

/**
 * What is damaged in an image file, in words; null where nothing can be told.
 *
 * Looks at the file alone, without making pixels of it. What decoders warn of comes beside it.
 */
export function damageOf(bytes: Uint8Array, type: ImageType): string | null {
  switch (type) {
    case 'image/jpeg':
      return jpegDamage(bytes);
    case 'image/png':
      return pngDamage(bytes);
    case 'image/webp':
      return webpDamage(bytes);
  }
}
