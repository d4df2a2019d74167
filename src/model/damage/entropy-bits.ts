import { type HuffmanCode, LOOK_AHEAD, acStep } from './huffman.ts';

const LOOK = (1 << LOOK_AHEAD) - 1;

/**
 * The bits of a JPEG's entropy-coded data. Where a marker or the file's end comes, zeros follow without end:
 * `overrun` tells that some of them were taken.
 */
export class EntropyBits {
  private readonly data: Uint8Array;
  /** Of the next byte that is not in `bits` yet. */
  private at: number;
  /** The last `count` bits are yet to be read. */
  private bits = 0;
  private count = 0;
  private zeros = 0;

  constructor(data: Uint8Array, at: number) {
    this.data = data;
    this.at = at;
  }

  /** Whether more was read than there is. */
  get overrun(): boolean {
    return this.zeros > this.count;
  }

  /** Whole bytes that are left before the marker or the end; the bits that fill up the last byte are none. */
  leftOver(): number {
    let left = (this.count - this.zeros) >> 3;
    for (let at = this.at; at < this.data.length; at++, left++) {
      if (this.data[at] !== 0xff) continue;
      if (this.data[at + 1] !== 0) break;
      at++;
    }
    return Math.max(0, left);
  }

  /** Where the marker after these data lies; the file's length where there is none. */
  end(): number {
    let at = this.at;
    while (at < this.data.length && !(this.data[at] === 0xff && this.data[at + 1] !== 0)) at++;
    return at;
  }

  /** Goes on behind a marker. */
  restart(at: number): void {
    this.at = at;
    this.bits = 0;
    this.count = 0;
    this.zeros = 0;
  }

  /** Reads until at least 25 bits are there. */
  private fill(): void {
    const { data } = this;
    while (this.count <= 24) {
      let byte = this.at < data.length ? data[this.at]! : 0xff;
      if (byte !== 0xff) this.at++;
      else if (data[this.at + 1] === 0) this.at += 2;
      else {
        byte = 0;
        this.zeros += 8;
      }
      this.bits = (this.bits << 8) | byte;
      this.count += 8;
    }
  }

  /** The next `count` bits, at most 16, as a number. */
  take(count: number): number {
    if (this.count < count) this.fill();
    this.count -= count;
    return (this.bits >>> this.count) & ((1 << count) - 1);
  }

  /** A value of `size` bits with its sign (T.81, F.2.2.1). */
  takeSigned(size: number): number {
    if (size === 0) return 0;
    const value = this.take(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** The next symbol; -1 where no code begins like these bits. */
  symbol(code: HuffmanCode): number {
    if (this.count < 16) this.fill();
    const short = code.symbols[(this.bits >>> (this.count - LOOK_AHEAD)) & LOOK]!;
    if (short === 0) return this.longSymbol(code);
    this.count -= short >> 8;
    return short & 0xff;
  }

  private longSymbol({ ends, offsets, values }: HuffmanCode): number {
    const next = (this.bits >>> (this.count - 16)) & 0xffff;
    for (let length = LOOK_AHEAD + 1; length <= 16; length++) {
      if (next >= ends[length]!) continue;
      this.count -= length;
      return values[(next >> (16 - length)) + offsets[length]!] ?? -1;
    }
    return -1;
  }

  /**
   * Reads the AC coefficients of one block of a sequential scan, without their values.
   *
   * @param largestSizes By coefficient, in zigzag order: bits of the largest value that a picture can have.
   * @returns Whether they can be those of a picture.
   */
  skipBlock(code: HuffmanCode, largestSizes: Uint8Array): boolean {
    const { steps } = code;
    let next = 1;
    while (next < 64) {
      if (this.count < 25) this.fill();
      let step = steps[(this.bits >>> (this.count - LOOK_AHEAD)) & LOOK]!;
      if (step === 0) {
        const symbol = this.longSymbol(code);
        if (symbol < 0) return false;
        step = acStep(0, symbol);
        this.fill();
      }
      this.count -= step & 31;
      next += step >> 9;
      const size = (step >> 5) & 15;
      if (size !== 0 && (next > 64 || size > largestSizes[next - 1]!)) return false;
    }
    return true;
  }
}
