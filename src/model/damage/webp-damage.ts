import { oddBytes } from './odd-bytes.ts';
import { vp8Damage } from './vp8-damage.ts';

const RIFF_HEADER = 12;
const CHUNK_HEADER = 8;

/** What can be told of compressed pixels. Alpha may lie there as it is, whatever its bytes. */
const LOOK_AT: ReadonlyMap<string, (data: Uint8Array) => string | null> = new Map([
  ['VP8 ', vp8Damage],
  ['VP8L', (data) => oddBytes(data, [0x00, 0xff])],
]);

/**
 * What is damaged in a WebP, in words; null where nothing can be told.
 *
 * WebP has no checksums, and its decoder makes a picture of any bits. What can be told: sizes that do not add
 * up, and bytes that compression does not produce. Bytes that were lost, or overwritten by others, and few
 * zeros in lossy data are not noticed: flat areas are coded by zeros, too.
 */
export function webpDamage(file: Uint8Array): string | null {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = CHUNK_HEADER + view.getUint32(4, true);
  if (end > file.length) return `it breaks off: ${file.length} bytes of ${end}`;
  for (let at = RIFF_HEADER; at < end;) {
    if (at + CHUNK_HEADER > end) return 'its parts do not come to its size';
    const type = Buffer.from(file.subarray(at, at + 4)).toString('latin1');
    const data = at + CHUNK_HEADER;
    const next = data + view.getUint32(at + 4, true);
    if (next > end) return `its part ${JSON.stringify(type)} goes beyond its end`;
    const odd = LOOK_AT.get(type)?.(file.subarray(data, next)) ?? null;
    if (odd !== null) return odd;
    at = next + (next & 1);
  }
  return null;
}
