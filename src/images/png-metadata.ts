import { crc32 } from 'node:zlib';
import { exifOf } from './exif-orientation.ts';

const SIGNATURE_BYTES = 8;
/** Of a chunk: its length, its type, and its checksum. */
const FRAME_BYTES = 12;

/** What pixels and their colours need; texts, times, Exif and further frames are not among them. */
const KEPT: ReadonlySet<string> = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP'],
  ...['sBIT', 'bKGD', 'pHYs', 'mDCV', 'cLLI'],
]);

interface Chunk {
  readonly type: string;
  readonly bytes: Buffer;
}

/**
 * A PNG without texts, times, Exif, further frames, and whatever lies behind its end.
 *
 * A chunk between those of the pixels, where none may be, ends them for some decoders. It is emptied rather
 * than left out, so that the pixels end where they did.
 *
 * @returns Null where there is nothing to leave out.
 */
export function stripPng(file: Buffer): { readonly parts: Uint8Array[]; readonly hadExif: boolean } | null {
  const chunks = [...chunksOf(file)];
  const whole = chunks.reduce((sum, { bytes }) => sum + bytes.length, SIGNATURE_BYTES);
  const first = chunks.findIndex(({ type }) => type === 'IDAT');
  const last = chunks.findLastIndex(({ type }) => type === 'IDAT');
  const parts: Uint8Array[] = [file.subarray(0, SIGNATURE_BYTES)];
  for (const [i, { type, bytes }] of chunks.entries()) {
    if (KEPT.has(type)) parts.push(bytes);
    else if (i > first && i < last) parts.push(chunk('emPt', Buffer.alloc(0)));
  }
  const hasAll = whole === file.length && chunks.every(({ type }) => KEPT.has(type));
  return hasAll ? null : { parts, hadExif: chunks.some(({ type }) => type === 'eXIf') };
}

/** Puts the orientation behind the header, before the pixels. */
export function orientPng(parts: readonly Uint8Array[], orientation: number): Uint8Array[] {
  return [...parts.slice(0, 2), chunk('eXIf', exifOf(orientation)), ...parts.slice(2)];
}

/** As far as the end that the file tells; a last one that is cut off is as long as it is. */
function* chunksOf(file: Buffer): Generator<Chunk> {
  for (let at = SIGNATURE_BYTES; at + 8 <= file.length;) {
    const type = file.toString('latin1', at + 4, at + 8);
    const bytes = file.subarray(at, at + FRAME_BYTES + file.readUInt32BE(at));
    yield { type, bytes };
    if (type === 'IEND') return;
    at += bytes.length;
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(data.length + FRAME_BYTES);
  bytes.writeUInt32BE(data.length, 0);
  typed.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(typed), bytes.length - 4);
  return bytes;
}
