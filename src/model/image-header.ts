/**
 * What the first bytes of an image file say about the work of decoding it. Read here and not by the decoder,
 * so that work is known before any of it is done. Nothing is inflated, and a file is walked over by the
 * lengths that it gives, a bounded number of steps.
 */
import { ImageError } from './image-error.ts';
import { imageTypeOf } from './image-type.ts';

/** What decoding will have to do, as the file itself says. */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** Of one decoded pixel. */
  readonly bytesPerPixel: number;
  /** Bytes a pixel of what the decoder makes whole before it gives a row; 0 where it reads on by rows. */
  readonly heldPerPixel: number;
  /** Bytes a pixel that hostile data of this kind can make the decoder hold beside that. */
  readonly worstPerPixel: number;
  /** How often the decoder goes over the image. */
  readonly passes: number;
  /** Bytes of side data that the decoder inflates. */
  readonly deflated: number;
}

/** Segments or chunks that are looked at; a file of more is none that an encoder writes. */
const MOST_STEPS = 20_000;
/** Of a JPEG: what follows is pixels. */
const START_OF_SCAN = Buffer.of(0xff, 0xda);

/** null where the header cannot be read: the decoder then says why. */
export function readImageHeader(bytes: Uint8Array): ImageHeader | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file[0] === 0xff) return jpegHeader(file);
  if (file[0] === 0x89) return pngHeader(file);
  return file.toString('latin1', 8, 12) === 'WEBP' ? webpHeader(file) : null;
}

/**
 * The header of what has begun as JPEG, PNG or WebP. No decoder makes pixels of a file without one.
 *
 * @throws ImageError `truncated_image` or `unreadable_image`
 */
export function requireHeader(bytes: Uint8Array): ImageHeader {
  const header = readImageHeader(bytes);
  if (header !== null) return header;
  if (breaksOff(bytes)) {
    throw new ImageError('truncated_image', 'expected a whole image, got one that breaks off in its header');
  }
  throw new ImageError(
    'unreadable_image',
    'expected a readable JPEG, PNG or WebP image, got one whose header does not say its sides',
  );
}

/**
 * Whether a PNG has no end, a WebP is shorter than it says, or a JPEG ends before its pixels. Whether its
 * pixels break off a JPEG's decoder tells.
 */
export function breaksOff(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (imageTypeOf(bytes)) {
    case 'image/png':
      return file.length < 33 || (file.toString('latin1', 12, 16) === 'IHDR' && !file.includes('IEND'));
    case 'image/webp':
      return file.length < 12 + 18 || file.readUInt32LE(4) + 8 > file.length;
    case 'image/jpeg':
      return !file.includes(START_OF_SCAN);
    case null:
      return false;
  }
}

/** Bytes a pixel by colour type, of 8 bits a channel; a palette becomes RGB. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 };
/** Chunks that hold deflated data which is not pixels. */
const DEFLATED = new Set(['iCCP', 'zTXt', 'iTXt']);

function pngHeader(file: Buffer): ImageHeader | null {
  if (file.length < 33 || file.toString('latin1', 12, 16) !== 'IHDR') return null;
  const channels = PNG_CHANNELS[file[25]!];
  if (channels === undefined) return null;
  let deflated = 0;
  let transparent = 0;
  let at = 8;
  for (let steps = 0; at + 12 <= file.length; steps++) {
    // Past so many chunks everything that is left counts as deflated.
    if (steps === MOST_STEPS) deflated += file.length - at;
    if (steps === MOST_STEPS) break;
    const type = file.toString('latin1', at + 4, at + 8);
    const length = file.readUInt32BE(at);
    if (DEFLATED.has(type)) deflated += Math.min(length, file.length - at);
    if (type === 'tRNS') transparent = 1;
    at += 12 + length;
  }
  const bytesPerPixel = (channels + transparent) * (file[24] === 16 ? 2 : 1);
  const interlaced = file[28] !== 0;
  return {
    ...{ width: file.readUInt32BE(16), height: file.readUInt32BE(20), bytesPerPixel, deflated },
    ...{ heldPerPixel: interlaced ? bytesPerPixel : 0, worstPerPixel: 0, passes: interlaced ? 2 : 1 },
  };
}

function jpegHeader(file: Buffer): ImageHeader | null {
  let frame: JpegFrame | null = null;
  let at = 2;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    at = file.indexOf(0xff, at);
    if (at < 0 || at + 4 > file.length) return null;
    const marker = file[at + 1]!;
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff || marker === 0) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker === 0xda) return frame && jpegOf(frame, file, at);
    else {
      if (isFrame(marker)) frame = jpegFrame(file, at, marker);
      at += 2 + file.readUInt16BE(at + 2);
    }
  }
  return null;
}

interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly progressive: boolean;
  /** Samples a pixel, of all components together. */
  readonly samples: number;
}

/** Start of frame, of any process; 0xc4, 0xc8 and 0xcc are other things. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpegFrame(file: Buffer, at: number, marker: number): JpegFrame | null {
  const components = file[at + 9] ?? 0;
  if (components === 0 || at + 10 + 3 * components > file.length) return null;
  const areas = Array.from({ length: components }, (_, i) => {
    const sampling = file[at + 11 + 3 * i]!;
    return { across: Math.max(1, sampling >> 4), down: Math.max(1, sampling & 15) };
  });
  const across = areas.reduce((most, area) => Math.max(most, area.across), 1);
  const down = areas.reduce((most, area) => Math.max(most, area.down), 1);
  return {
    height: file.readUInt16BE(at + 5),
    width: file.readUInt16BE(at + 7),
    components,
    progressive: (marker & 3) === 2,
    samples: areas.reduce((sum, area) => sum + area.across * area.down, 0) / (across * down),
  };
}

/** A scan of some components alone is one of several: all coefficients are held until the last of them. */
function jpegOf(frame: JpegFrame, file: Buffer, at: number): ImageHeader {
  const several = frame.progressive || (file[at + 4] ?? 0) < frame.components;
  return {
    ...{ width: frame.width, height: frame.height, deflated: 0, worstPerPixel: 0 },
    bytesPerPixel: frame.components,
    heldPerPixel: several ? 2 * frame.samples : 0,
    passes: several ? scansFrom(file, at) : 1,
  };
}

function scansFrom(file: Buffer, first: number): number {
  let scans = 0;
  for (let at = first; at >= 0 && scans < MOST_STEPS; at = file.indexOf(START_OF_SCAN, at + 2)) scans++;
  return scans;
}

/** What was measured: RGBA, and as much again for what is read from; an animation has its canvas twice. */
const WEBP_HELD = 9;
const ANIMATED_HELD = 17;
/** Lossless data may have other codes for each 4 × 4 pixels, of up to 12 KB. */
const LOSSLESS_WORST = 12_000 / 16;

function webpHeader(file: Buffer): ImageHeader | null {
  if (file.length < 30) return null;
  const kind = file.toString('latin1', 12, 16);
  const of = (width: number, height: number, held: number, worst: number): ImageHeader => ({
    ...{ width, height, bytesPerPixel: 4, heldPerPixel: held, worstPerPixel: worst, passes: 1, deflated: 0 },
  });
  if (kind === 'VP8 ')
    return of(file.readUInt16LE(26) & 0x3fff, file.readUInt16LE(28) & 0x3fff, WEBP_HELD, 0);
  if (kind === 'VP8L') {
    const sides = file.readUInt32LE(21);
    return of((sides & 0x3fff) + 1, ((sides >>> 14) & 0x3fff) + 1, WEBP_HELD, LOSSLESS_WORST);
  }
  if (kind !== 'VP8X') return null;
  const animated = (file[20]! & 2) !== 0;
  const held = animated ? ANIMATED_HELD : WEBP_HELD;
  return of(file.readUIntLE(24, 3) + 1, file.readUIntLE(27, 3) + 1, held, LOSSLESS_WORST);
}
