import { exifOf } from './exif-orientation.ts';

/** RIFF, the length of what follows, WEBP. */
const HEAD_BYTES = 12;
/** Of a frame of a film, before its own chunks. */
const FRAME_HEAD_BYTES = 16;
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;

const KEPT: ReadonlySet<string> = new Set(['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ICCP', 'ANIM', 'ANMF']);

interface Chunk {
  readonly type: string;
  /** Type, length and data; the byte that makes it even comes with it. */
  readonly bytes: Buffer;
}

/**
 * A WebP without Exif, XMP, chunks that nobody knows, and whatever lies behind its end.
 *
 * @returns Null where there is nothing to leave out.
 */
export function stripWebp(file: Buffer): { readonly parts: Uint8Array[]; readonly hadExif: boolean } | null {
  const end = Math.min(file.length, file.readUInt32LE(4) + 8);
  const chunks = [...chunksOf(file, HEAD_BYTES, end)];
  const kept = keep(chunks);
  const hadExif = chunks.some(({ type }) => type === 'EXIF');
  const length = kept.reduce((sum, { length: bytes }) => sum + bytes, HEAD_BYTES);
  if (length === file.length) return null;
  return { parts: withHead(kept), hadExif };
}

/** Puts the orientation behind everything, and says in the extended header that it is there. */
export function orientWebp(parts: readonly Uint8Array[], orientation: number): Uint8Array[] {
  const exif = exifOf(orientation);
  const head = Buffer.from('EXIF\0\0\0\0', 'latin1');
  head.writeUInt32LE(exif.length, 4);
  const flagged = parts.slice(1).map((part) => withFlags(part, (flags) => flags | EXIF_FLAG));
  return withHead([...flagged, head, exif]);
}

function keep(chunks: readonly Chunk[]): Uint8Array[] {
  return chunks
    .filter(({ type }) => KEPT.has(type))
    .map(({ type, bytes }) => {
      if (type === 'ANMF') return frame(bytes);
      return withFlags(bytes, (flags) => flags & ~(EXIF_FLAG | XMP_FLAG));
    });
}

/** A frame's chunks, likewise. */
function frame(bytes: Buffer): Uint8Array {
  const start = 8 + FRAME_HEAD_BYTES;
  const parts = keep([...chunksOf(bytes, start, bytes.length)]);
  const whole = Buffer.concat([bytes.subarray(0, start), ...parts]);
  if (whole.length < bytes.length && whole.length >= start) whole.writeUInt32LE(whole.length - 8, 4);
  return whole.length < bytes.length ? whole : bytes;
}

/** The extended header with other flags; any other chunk as it is. */
function withFlags(bytes: Uint8Array, change: (flags: number) => number): Uint8Array {
  if (Buffer.from(bytes).toString('latin1', 0, 4) !== 'VP8X' || bytes.length < 9) return bytes;
  const copy = Buffer.from(bytes);
  copy[8] = change(copy[8]!);
  return copy;
}

function withHead(chunks: readonly Uint8Array[]): Uint8Array[] {
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(
    chunks.reduce((sum, { length }) => sum + length, 4),
    4,
  );
  return [head, ...chunks];
}

/** A last one that is cut off is as long as it is. */
function* chunksOf(file: Buffer, from: number, end: number): Generator<Chunk> {
  for (let at = from; at + 8 <= end;) {
    const length = file.readUInt32LE(at + 4);
    const bytes = file.subarray(at, Math.min(end, at + 8 + length + (length % 2)));
    yield { type: file.toString('latin1', at, at + 4), bytes };
    at += bytes.length;
  }
}
