import { oddBytes } from './odd-bytes.ts';

/** Frame tag, start code and sides of a key frame (RFC 6386, 9.1). */
const HEADER = 10;
/** Modes are never this many zeros in a row: 4 is the longest run that libwebp made of 475 pictures. */
const MODE_ZEROS = 16;
/**
 * Zeros among the coefficients are flat areas: one byte of them was 40 or more macroblocks in pictures on
 * one colour, whatever the quality and the effort. Fewer than this is none.
 */
const LEAST_FLAT_PER_ZERO = 8;

/** What is damaged in the data of a lossy WebP, in words; null where nothing can be told. */
export function vp8Damage(data: Uint8Array): string | null {
  if (data.length < HEADER) return 'its data end before its picture';
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const modesEnd = HEADER + ((view.getUint16(0, true) | (view.getUint8(2) << 16)) >> 5);
  if (modesEnd > data.length) return 'its data end before its modes do';
  const blocks = (side: number): number => Math.ceil((side & 0x3fff) / 16);
  const macroblocks = blocks(view.getUint16(6, true)) * blocks(view.getUint16(8, true));
  const zeros = longestRun(data.subarray(modesEnd), 0);
  if (longestRun(data.subarray(HEADER, modesEnd), 0) >= MODE_ZEROS) {
    return 'zeros are in the place of its modes';
  }
  if (zeros >= MODE_ZEROS && zeros * LEAST_FLAT_PER_ZERO > macroblocks) {
    return `${zeros} zeros are in the place of its data, more than all of it would take if it were flat`;
  }
  return oddBytes(data, [0xff]);
}

function longestRun(data: Uint8Array, byte: number): number {
  let [longest, run] = [0, 0];
  for (const each of data) {
    run = each === byte ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}
