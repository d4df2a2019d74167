/** Fewer line feeds tell nothing by the bytes before them: 4 are right by chance once in 2^32. */
const FEWEST_LINE_FEEDS = 4;

/** Equal bytes in a row that compressed data, which look random, come to once in 2^248 places. */
const LONGEST_RUN = 32;

/**
 * What about `data`, which compression made, is not of its making, in words; null where nothing is.
 *
 * @param never Bytes that it never makes so many of in a row.
 */
export function oddBytes(data: Uint8Array, never: readonly number[]): string | null {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  for (const byte of never) {
    const at = bytes.indexOf(Buffer.alloc(LONGEST_RUN, byte));
    if (at >= 0) return `bytes ${byte} are in the place of its data from ${at} on`;
  }
  if (isTextFile(bytes))
    return 'its line feeds were made carriage return and line feed, as if it were a text';
  return null;
}

/** Whether each line feed has a carriage return before it: sent as a text from Unix to Windows. */
export function isTextFile(bytes: Buffer): boolean {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1), count++) {
    if (bytes[at - 1] !== 0x0d) return false;
  }
  return count >= FEWEST_LINE_FEEDS;
}
