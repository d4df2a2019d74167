import { EntropyBits } from './entropy-bits.ts';
import { codeOfZeros, type HuffmanCode, huffmanCode } from './huffman.ts';
import { type Component, type Frame, readFrame } from './jpeg-frame.ts';
import { createReadBlock, type Scan, type ScanPart } from './jpeg-scan.ts';

/**
 * What is damaged in a JPEG, in words; null where nothing is, or the file is of a kind that is not followed
 * (arithmetic coding, 12 bits, lossless).
 *
 * The codes of the compressed data are followed to their end (ITU T.81) without making pixels of them. A
 * decoder makes a picture of whatever codes there are: where bytes were lost, put in or overwritten it has
 * come to the last block before the data end, or the other way round, or meets a code or a value that no
 * encoder writes. libjpeg warns of some of that and of nothing that comes after the last row. Cost: from half
 * of decoding a photograph to nearly as much again, more where it is progressive
 * (docs/research/validation.md).
 */
export function jpegDamage(file: Uint8Array): string | null {
  return new JpegWalk(file).damage();
}

/** How often scans may come to each of the blocks; encoders come to them about ten times at most. */
const MOST_VISITS = 24;

/** Bytes of zeros that some cameras put before the end marker, to come to a whole number of words. */
const MOST_PADDING = 16;

/** So many in a row are data of flat blocks, or no data. */
const ZEROS = Buffer.alloc(16);

/** A picture's coefficients, times their steps, are within ±1024; some encoders go a little beyond. */
const LARGEST_COEFFICIENT = 1536;

/** Why there is nothing to say. */
const NOT_FOLLOWED = null;

/**
 * Whether no blocks have data that are zeros alone. Each table has one code of zeros alone: where it does not
 * end a block, zeros would be coefficients without end.
 */
function makesNoZeros({ parts, from, to, highBit }: Scan): boolean {
  if (to === 0 || highBit > 0) return false;
  return parts.some(({ dc, ac }) => codeOfZeros(ac!) !== 0 || (from === 0 && codeOfZeros(dc!) !== 0));
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function blocksOf({ components }: Frame): number {
  return components.reduce((sum, { columns, rows }) => sum + columns * rows, 0);
}

class JpegWalk {
  private readonly file: Uint8Array;
  private at = 2;
  private frame: Frame | null = null;
  private restartEvery = 0;
  private visitsLeft = 0;
  private readonly quantizations: (Uint16Array | undefined)[] = [];
  private readonly dcCodes: (HuffmanCode | undefined)[] = [];
  private readonly acCodes: (HuffmanCode | undefined)[] = [];
  private readonly nonZero = new Map<Component, Uint32Array>();
  /** By component: of each coefficient, bits that are still to come; -1 where none came. */
  private readonly bitsToCome = new Map<Component, Int8Array>();

  constructor(file: Uint8Array) {
    this.file = file;
  }

  damage(): string | null {
    const { file } = this;
    for (;;) {
      if (this.at >= file.length) return 'it has no end';
      if (file[this.at] !== 0xff) return `${this.strayBytes()} bytes belong to no part of it`;
      while (file[this.at] === 0xff) this.at++;
      const marker = file[this.at++];
      if (marker === undefined) return 'it has no end';
      if (marker === 0xd9) return this.missing();
      if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
        return `a marker ${marker.toString(16)} stands where none may`;
      }
      const length = (file[this.at]! << 8) | file[this.at + 1]!;
      const segment = file.subarray(this.at + 2, this.at + length);
      if (!(length >= 2 && this.at + length <= file.length)) return 'a part of it goes beyond its end';
      this.at += length;
      switch (marker) {
        case 0xc0:
        case 0xc1:
        case 0xc2: {
          if (this.frame !== null) return 'it has two headers';
          this.frame = readFrame(segment, marker === 0xc2);
          if (this.frame === null) return NOT_FOLLOWED;
          this.visitsLeft = MOST_VISITS * blocksOf(this.frame);
          break;
        }
        case 0xc4:
          if (!this.readCodes(segment)) return 'a table of codes cannot be one';
          break;
        case 0xdb:
          if (!this.readQuantizations(segment)) return 'a table of steps cannot be one';
          break;
        case 0xdd:
          this.restartEvery = (segment[0]! << 8) | segment[1]!;
          break;
        case 0xda: {
          const scan = this.readScan(segment);
          if (typeof scan === 'string') return scan;
          for (const { component } of scan.parts) this.visitsLeft -= component.columns * component.rows;
          if (this.visitsLeft < 0) return 'it has more scans than any encoder writes';
          const odd = this.walk(scan);
          if (odd !== null) return odd;
          break;
        }
        default:
          // Other codings, and DNL, which gives the height after the first scan.
          if (marker >= 0xc3 && marker <= 0xcf) return NOT_FOLLOWED;
          if (marker === 0xdc) return NOT_FOLLOWED;
      }
    }
  }

  private strayBytes(): number {
    let at = this.at;
    while (at < this.file.length && !(this.file[at] === 0xff && this.file[at + 1] !== 0)) at++;
    return at - this.at;
  }

  /** At the end marker: what has not come. */
  private missing(): string | null {
    const { frame } = this;
    if (frame === null) return 'it ends before its picture';
    for (const component of frame.components) {
      const toCome = this.bitsToCome.get(component);
      if (toCome === undefined || !toCome.every((bits) => bits === 0))
        return 'a part of its picture is missing';
    }
    return null;
  }

  private readCodes(segment: Uint8Array): boolean {
    for (let at = 0; at < segment.length;) {
      const into = segment[at]! >> 4 === 0 ? this.dcCodes : this.acCodes;
      const id = segment[at]! & 15;
      const counts = segment.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const values = segment.subarray(at + 17, at + 17 + total);
      if (segment[at]! >> 4 > 1 || id > 3 || counts.length < 16 || total > 256 || values.length < total)
        return false;
      const code = huffmanCode(counts, values);
      if (code === null) return false;
      into[id] = code;
      at += 17 + total;
    }
    return true;
  }

  private readQuantizations(segment: Uint8Array): boolean {
    for (let at = 0; at < segment.length;) {
      const bytes = segment[at]! >> 4 === 0 ? 1 : 2;
      const id = segment[at]! & 15;
      if (segment[at]! >> 4 > 1 || id > 3 || at + 1 + 64 * bytes > segment.length) return false;
      const values = segment.subarray(at + 1, at + 1 + 64 * bytes);
      this.quantizations[id] = Uint16Array.from({ length: 64 }, (_, k) =>
        bytes === 1 ? values[k]! : (values[2 * k]! << 8) | values[2 * k + 1]!,
      );
      at += 1 + 64 * bytes;
    }
    return true;
  }

  private readScan(segment: Uint8Array): Scan | string {
    const { frame } = this;
    if (frame === null) return 'its picture comes before its header';
    const count = segment[0] ?? 0;
    if (count < 1 || count > 4 || segment.length !== 4 + 2 * count) return 'a scan has no proper header';
    const [from, to, bits] = segment.subarray(1 + 2 * count) as unknown as [number, number, number];
    const scan = frame.progressive
      ? { from, to, highBit: bits >> 4, lowBit: bits & 15 }
      : { from: 0, to: 63, highBit: 0, lowBit: 0 };
    const parts: ScanPart[] = [];
    for (let i = 0; i < count; i++) {
      const component = frame.components.find(({ id }) => id === segment[1 + 2 * i]);
      if (component === undefined) return 'a scan is of a component that it has not';
      const codes = segment[2 + 2 * i]!;
      const dc = this.dcCodes[codes >> 4] ?? null;
      const ac = this.acCodes[codes & 15] ?? null;
      if (scan.from === 0 && scan.highBit === 0 && dc === null) return 'a scan has no table of codes';
      if (scan.to > 0 && ac === null) return 'a scan has no table of codes';
      const steps = this.quantizations[component.quantization];
      if (steps === undefined) return 'a component has no table of steps';
      if (!this.progress(component, scan)) return 'its scans are not in order';
      parts.push({
        component,
        dc,
        ac,
        largestDc: LARGEST_COEFFICIENT / steps[0]! + 1,
        largestSizes: Uint8Array.from(steps, (step) => 32 - Math.clz32(LARGEST_COEFFICIENT / step + 1)),
        nonZero: this.nonZeroOf(component, frame),
      });
    }
    if (new Set(parts.map(({ component }) => component)).size < count)
      return 'a scan has one component twice';
    return { parts, ...scan };
  }

  /** Notes what bits a scan brings; false where they cannot be brought now. */
  private progress(component: Component, { from, to, highBit, lowBit }: Omit<Scan, 'parts'>): boolean {
    let toCome = this.bitsToCome.get(component);
    if (toCome === undefined) this.bitsToCome.set(component, (toCome = new Int8Array(64).fill(-1)));
    if (!(from <= to && to < 64) || lowBit > 13) return false;
    if (this.frame!.progressive && from === 0 && to !== 0) return false;
    for (let k = from; k <= to; k++) {
      if (highBit === 0 ? toCome[k] !== -1 : toCome[k] !== highBit || lowBit !== highBit - 1) return false;
      toCome[k] = lowBit;
    }
    return true;
  }

  private nonZeroOf(component: Component, frame: Frame): Uint32Array {
    const known = this.nonZero.get(component);
    if (known !== undefined) return known;
    const blocks = frame.progressive ? component.stride * frame.unitRows * component.down : 0;
    const made = new Uint32Array(2 * blocks);
    this.nonZero.set(component, made);
    return made;
  }

  /** Follows the data of a scan; afterwards `at` is at the marker behind them. */
  private walk(scan: Scan): string | null {
    const frame = this.frame!;
    const bits = new EntropyBits(this.file, this.at);
    const { read, reset } = createReadBlock(bits, frame, scan);
    const alone = scan.parts.length === 1 ? scan.parts[0]! : null;
    const columns = alone?.component.columns ?? frame.unitColumns;
    const rows = alone?.component.rows ?? frame.unitRows;
    const units = columns * rows;
    let untilRestart = this.restartEvery === 0 ? Infinity : this.restartEvery;
    let restarts = 0;
    for (let unit = 0, row = 0, column = 0; unit < units; unit++, column++) {
      if (column === columns) {
        column = 0;
        row++;
      }
      if (untilRestart === 0) {
        const left = bits.leftOver();
        if (left > 0) return `${left} bytes are left over before a restart marker`;
        const at = bits.end();
        if (this.file[at + 1] !== 0xd0 + (restarts & 7)) return 'a restart marker is not where it should be';
        restarts++;
        bits.restart(at + 2);
        reset();
        untilRestart = this.restartEvery;
      }
      untilRestart--;
      let odd = null;
      if (alone !== null) {
        odd = read(alone, 0, row, column);
      } else {
        for (let place = 0; place < scan.parts.length && odd === null; place++) {
          const part = scan.parts[place]!;
          const { across, down } = part.component;
          for (let y = 0; y < down && odd === null; y++) {
            for (let x = 0; x < across && odd === null; x++) {
              odd = read(part, place, row * down + y, column * across + x);
            }
          }
        }
      }
      if (odd !== null || bits.overrun) {
        const where = `at unit ${unit + 1} of ${units}`;
        return odd === null ? `its data end ${where}` : `${odd} ${where}`;
      }
    }
    const left = bits.leftOver();
    const begin = this.at;
    this.at = bits.end();
    const zerosAt = makesNoZeros(scan)
      ? bufferOf(this.file.subarray(begin, this.at - left)).indexOf(ZEROS)
      : -1;
    if (zerosAt >= 0) return `zeros are in the place of its data from ${begin + zerosAt} on`;
    if (left > MOST_PADDING || !this.file.subarray(this.at - left, this.at).every((byte) => byte === 0)) {
      return `${left} bytes of data are left over after the last unit`;
    }
    return null;
  }
}
