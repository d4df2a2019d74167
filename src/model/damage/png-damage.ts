import { crc32 } from 'node:zlib';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const AROUND_DATA = 12;

/**
 * What is damaged in a PNG, in words; null where nothing is.
 *
 * Every chunk has a checksum of its own. Decoders look at it where they need the chunk, and some go on for
 * all that; a text or a colour profile with a wrong one still tells that the file is not what was written.
 * What comes behind the end is nobody's.
 */
export function pngDamage(file: Uint8Array): string | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  for (let at = SIGNATURE_BYTES; ;) {
    if (at + AROUND_DATA > file.length) return 'it has no end';
    const length = view.getUint32(at);
    const end = at + AROUND_DATA + length;
    if (end > file.length) return 'a part of it goes beyond its end';
    const typeAndData = file.subarray(at + 4, end - 4);
    const type = Buffer.from(typeAndData.subarray(0, 4)).toString('latin1');
    if (crc32(typeAndData) !== view.getUint32(end - 4)) {
      return `its part ${JSON.stringify(type)} has not the checksum that was written with it`;
    }
    if (type === 'IEND') return null;
    at = end;
  }
}
