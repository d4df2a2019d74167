/** Ways in which image files are damaged on their way, and files that are whole though they look odd. */
import { deflateSync } from 'node:zlib';
import { pngChunk } from './png-chunk.ts';

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

/** A damaged copy of a file. */
export type Damage = (file: Buffer, uniform: Uniform) => Buffer;

/** Where the compressed data of a JPEG or a PNG begin; of others a place behind all headers. */
function dataOf(file: Buffer): number {
  if (file[0] === 0xff) return file.indexOf(Buffer.of(0xff, 0xda)) + 14;
  if (file[0] === 0x89) return file.indexOf('IDAT') + 4;
  return 64;
}

/** A place in the compressed data that has `count` bytes of them behind it. */
function placeIn(file: Buffer, count: number, uniform: Uniform): number {
  const begin = dataOf(file);
  return begin + Math.floor(uniform() * Math.max(1, file.length - 16 - count - begin));
}

const overwritten =
  (count: number, byte: (uniform: Uniform) => number): Damage =>
  (file, uniform) => {
    const at = placeIn(file, count, uniform);
    const copy = Buffer.from(file);
    for (let i = at; i < at + count; i++) copy[i] = byte(uniform);
    return copy;
  };

const lost =
  (count: number): Damage =>
  (file, uniform) => {
    const at = placeIn(file, count, uniform);
    return Buffer.concat([file.subarray(0, at), file.subarray(at + count)]);
  };

const zero = (): number => 0;
const anyByte = (uniform: Uniform): number => Math.floor(256 * uniform());

export const DAMAGES: Readonly<Record<string, Damage>> = {
  'line feeds made carriage return and line feed': (file) =>
    Buffer.from(file.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  '64 bytes lost': lost(64),
  '512 bytes lost': lost(512),
  '64 zeros': overwritten(64, zero),
  '512 zeros': overwritten(512, zero),
  '4096 zeros': overwritten(4096, zero),
  '512 bytes 255': overwritten(512, () => 255),
  '64 random bytes': overwritten(64, anyByte),
  '512 random bytes': overwritten(512, anyByte),
  '512 bytes twice': (file, uniform) => {
    const at = placeIn(file, 512, uniform);
    return Buffer.concat([file.subarray(0, at + 512), file.subarray(at)]);
  },
  '512 bytes from elsewhere': (file, uniform) => {
    const copy = Buffer.from(file);
    const from = placeIn(file, 512, uniform);
    copy.copyWithin(placeIn(file, 512, uniform), from, from + 512);
    return copy;
  },
  '8 bits flipped': (file, uniform) => {
    const copy = Buffer.from(file);
    for (let i = 0; i < 8; i++) copy[placeIn(file, 1, uniform)]! ^= 1 << Math.floor(8 * uniform());
    return copy;
  },
};

/** PNG chunks that decoders warn of, or pass over, in files that are whole. */
export const ODD_PNG_CHUNKS: Readonly<Record<string, Buffer>> = {
  'a colour profile that is none': pngChunk(
    'iCCP',
    Buffer.concat([Buffer.from('sRGB\0\0', 'latin1'), deflateSync(Buffer.alloc(3144, 7))]),
  ),
  'an impossible time': pngChunk('tIME', Buffer.of(7, 208, 13, 32, 25, 61, 61)),
  'Exif that is none': pngChunk('eXIf', Buffer.from('nonsense')),
  'an unknown rendering intent': pngChunk('sRGB', Buffer.of(9)),
  'a private chunk': pngChunk('abCd', Buffer.from('x')),
};

/** A JPEG segment. */
export function jpegSegment(marker: number, data: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0);
  head.writeUInt16BE(2 + data.length, 2);
  return Buffer.concat([head, data]);
}

/** JPEG segments that decoders warn of, or pass over, in files that are whole. */
export const ODD_JPEG_SEGMENTS: Readonly<Record<string, Buffer>> = {
  'Exif that is none': jpegSegment(0xe1, Buffer.from('Exif\0\0nonsense')),
  'a colour profile that is none': jpegSegment(
    0xe2,
    Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), Buffer.alloc(200, 1)]),
  ),
  'a comment': jpegSegment(0xfe, Buffer.from('hello')),
  'fill bytes': Buffer.of(0xff, 0xff),
};
