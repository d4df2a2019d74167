import type { EntropyBits } from './entropy-bits.ts';
import type { HuffmanCode } from './huffman.ts';
import type { Component, Frame } from './jpeg-frame.ts';

/** A scan's share of the picture and how it is coded (ITU T.81, B.2.3). */
export interface Scan {
  readonly parts: readonly ScanPart[];
  /** First and last coefficient, in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** Bits that scans before this one have left for later ones: 0 where this is the first. */
  readonly highBit: number;
  /** Bits that this scan leaves for later ones. */
  readonly lowBit: number;
}

export interface ScanPart {
  readonly component: Component;
  readonly dc: HuffmanCode | null;
  readonly ac: HuffmanCode | null;
  /** By coefficient: bits of the largest value that a picture can have. */
  readonly largestSizes: Uint8Array;
  /** The largest DC coefficient, either way, that a picture can have. */
  readonly largestDc: number;
  /** Of progressive pictures, two words a block: which coefficients are not zero so far. */
  readonly nonZero: Uint32Array;
}

/** What cannot be in the data of a whole picture. */
export const ODD = {
  code: 'a code that its table has not',
  value: 'a value that no picture has',
} as const;

export type Odd = (typeof ODD)[keyof typeof ODD];

/** Reads one block; what is odd about it, or null. */
export type ReadBlock = (part: ScanPart, place: number, row: number, column: number) => Odd | null;

/** Makes the function that reads a scan's blocks one after the other. `reset` is for restart markers. */
export function createReadBlock(
  bits: EntropyBits,
  frame: Frame,
  scan: Scan,
): { readonly read: ReadBlock; readonly reset: () => void } {
  if (!frame.progressive) return sequential(bits, scan);
  if (scan.from === 0) return scan.highBit === 0 ? firstDc(bits, scan) : laterDc(bits);
  return scan.highBit === 0 ? firstAc(bits, scan) : laterAc(bits, scan);
}

type BlockReader = ReturnType<typeof createReadBlock>;

const nothing = (): void => undefined;

function sequential(bits: EntropyBits, scan: Scan): BlockReader {
  const last = new Int32Array(scan.parts.length);
  return {
    read: ({ dc, ac, largestDc, largestSizes }, place) => {
      const size = bits.symbol(dc!);
      if (size < 0) return ODD.code;
      if (size > 11) return ODD.value;
      if (size > 0) {
        const value = last[place]! + bits.takeSigned(size);
        last[place] = value;
        if (value > largestDc || value < -largestDc) return ODD.value;
      }
      return bits.skipBlock(ac!, largestSizes) ? null : ODD.value;
    },
    reset: () => last.fill(0),
  };
}

function firstDc(bits: EntropyBits, scan: Scan): BlockReader {
  const last = new Int32Array(scan.parts.length);
  return {
    read: ({ dc, largestDc }, place) => {
      const size = bits.symbol(dc!);
      if (size < 0) return ODD.code;
      if (size > 11) return ODD.value;
      const value = last[place]! + bits.takeSigned(size);
      last[place] = value;
      return Math.abs(value * 2 ** scan.lowBit) > largestDc ? ODD.value : null;
    },
    reset: () => last.fill(0),
  };
}

function laterDc(bits: EntropyBits): BlockReader {
  return {
    read: () => {
      bits.take(1);
      return null;
    },
    reset: nothing,
  };
}

function firstAc(bits: EntropyBits, scan: Scan): BlockReader {
  /** Blocks after this one that have nothing in this scan. */
  let empty = 0;
  return {
    read: ({ ac, largestSizes, nonZero, component }, _, row, column) => {
      if (empty > 0) {
        empty--;
        return null;
      }
      const word = 2 * (row * component.stride + column);
      for (let k = scan.from; k <= scan.to; k++) {
        const symbol = bits.symbol(ac!);
        if (symbol < 0) return ODD.code;
        const run = symbol >> 4;
        const size = symbol & 15;
        if (size === 0) {
          if (run < 15) {
            empty = (1 << run) + bits.take(run) - 1;
            return null;
          }
          k += 15;
          continue;
        }
        k += run;
        if (k > scan.to || size + scan.lowBit > largestSizes[k]!) return ODD.value;
        bits.take(size);
        nonZero[word + (k >> 5)]! |= 1 << (k & 31);
      }
      return null;
    },
    reset: () => {
      empty = 0;
    },
  };
}

function laterAc(bits: EntropyBits, scan: Scan): BlockReader {
  const { from, to } = scan;
  let empty = 0;
  return {
    read: ({ ac, nonZero, component }, _, row, column) => {
      const word = 2 * (row * component.stride + column);
      const isNonZero = (k: number): boolean => (nonZero[word + (k >> 5)]! & (1 << (k & 31))) !== 0;
      let k = from;
      if (empty === 0) {
        for (; k <= to; k++) {
          const symbol = bits.symbol(ac!);
          if (symbol < 0) return ODD.code;
          let run = symbol >> 4;
          const size = symbol & 15;
          if (size > 1) return ODD.value;
          if (size === 0 && run < 15) {
            empty = (1 << run) + bits.take(run);
            break;
          }
          if (size === 1) bits.take(1);
          // The run is of coefficients that are zero so far; each other one on the way has a bit of its own.
          for (; k <= to; k++) {
            if (isNonZero(k)) bits.take(1);
            else if (--run < 0) break;
          }
          if (size === 1) {
            if (k > to) return ODD.value;
            nonZero[word + (k >> 5)]! |= 1 << (k & 31);
          }
        }
      }
      if (empty > 0) {
        for (; k <= to; k++) if (isNonZero(k)) bits.take(1);
        empty--;
      }
      return null;
    },
    reset: () => {
      empty = 0;
    },
  };
}
