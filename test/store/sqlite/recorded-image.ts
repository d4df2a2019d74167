import { createHash } from 'node:crypto';
import type { ImageFile } from '../../../src/images/image-file.ts';

/** An image that follows from its item's id, between 32 bytes and 64 KiB: some fit a page, some need many. */
export function imageFor(id: string): ImageFile {
  const digest = createHash('sha256').update(id).digest();
  const repeats = 1 + (digest.readUInt32LE() % 2048);
  return { bytes: Buffer.concat(Array.from({ length: repeats }, () => digest)), contentType: 'image/png' };
}
