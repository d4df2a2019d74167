/** Bits that one look at a table takes in; longer codes, which are rare, are looked for by length. */
export const LOOK_AHEAD = 9;

/**
 * The code of one DHT segment (ITU T.81, annex C).
 *
 * `symbols[look]` is `length << 8 | symbol` of the code that the next nine bits begin with, 0 where it is
 * longer or none. `steps[look]` is the same for coefficients of a sequential scan, in one number that tells
 * all that is to be done: bits to skip (code and value), size of the value, coefficients to go on.
 */
export interface HuffmanCode {
  readonly symbols: Uint16Array;
  readonly steps: Int32Array;
  /** By length, 1 to 16: the largest code, left-aligned in 16 bits, plus one; 0 where there is none. */
  readonly ends: Int32Array;
  /** By length: what to add to a code to get its place among `values`. */
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/** An end of block goes on by so many that none is left. */
const END_OF_BLOCK = 64;

const SKIP_BITS = 5;
const SIZE_BITS = 4;

/** What a symbol of AC coefficients asks for: bits of code and value, the value's size, how far to go on. */
export function acStep(codeLength: number, symbol: number): number {
  const run = symbol >> 4;
  const size = symbol & 15;
  const goesOn = size === 0 && run !== 15 ? END_OF_BLOCK : run + 1;
  return (goesOn << (SKIP_BITS + SIZE_BITS)) | (size << SKIP_BITS) | (codeLength + size);
}

/** The symbol whose code is zeros alone: the first of the shortest. */
export function codeOfZeros({ values }: HuffmanCode): number {
  return values[0] ?? -1;
}

/**
 * @param counts Codes of each length, 1 to 16.
 * @returns null where there are more codes than their lengths allow.
 */
export function huffmanCode(counts: Uint8Array, values: Uint8Array): HuffmanCode | null {
  const symbols = new Uint16Array(1 << LOOK_AHEAD);
  const steps = new Int32Array(1 << LOOK_AHEAD);
  const ends = new Int32Array(17);
  const offsets = new Int32Array(17);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1]!;
    offsets[length] = place - code;
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > LOOK_AHEAD) continue;
      const first = code << (LOOK_AHEAD - length);
      const last = first + (1 << (LOOK_AHEAD - length));
      symbols.fill((length << 8) | values[place]!, first, last);
      steps.fill(acStep(length, values[place]!), first, last);
    }
    if (code > 1 << length) return null;
    ends[length] = count === 0 ? 0 : code << (16 - length);
    code <<= 1;
  }
  return { symbols, steps, ends, offsets, values };
}
