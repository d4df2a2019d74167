import { between, pick, uniform } from './harness.ts';

/** A changed copy of a good file: bytes flipped, replaced, repeated, taken out, or the end cut off. */
export function mutate(good: Uint8Array): Buffer {
  let bytes = Buffer.from(good);
  const times = 1 + Math.floor(4 * uniform() ** 2 * 4);
  for (let i = 0; i < times && bytes.length > 1; i++) bytes = pick(WAYS)(bytes);
  return bytes;
}

type Way = (bytes: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>;

/** Any place, but half of the time one among the first bytes, where the format's structure is. */
function placeIn(bytes: Buffer): number {
  return Math.floor(uniform() * (uniform() < 0.5 ? Math.min(bytes.length, 64) : bytes.length));
}

/** Values at which sizes and counters overflow. */
const EDGES = [0x00000000, 0x00000001, 0x7fffffff, 0x80000000, 0xffffffff, 0x0000ffff];

const WAYS: readonly Way[] = [
  function flipBit(bytes) {
    const at = placeIn(bytes);
    bytes[at] = bytes[at]! ^ (1 << Math.floor(8 * uniform()));
    return bytes;
  },
  function replaceByte(bytes) {
    bytes[placeIn(bytes)] = Math.floor(256 * uniform());
    return bytes;
  },
  function replaceWord(bytes) {
    const at = placeIn(bytes);
    if (at + 4 > bytes.length) return bytes;
    if (uniform() < 0.5) bytes.writeUInt32BE(pick(EDGES), at);
    else bytes.writeUInt32LE(pick(EDGES), at);
    return bytes;
  },
  function takeOut(bytes) {
    const at = placeIn(bytes);
    const count = Math.floor(between(1, Math.min(64, bytes.length)));
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
  },
  function repeat(bytes) {
    const at = placeIn(bytes);
    const count = Math.floor(between(1, 64));
    return Buffer.concat([bytes.subarray(0, at + count), bytes.subarray(at)]);
  },
  function cutOff(bytes) {
    return Buffer.from(bytes.subarray(0, Math.max(1, placeIn(bytes))));
  },
  function noise(bytes) {
    const at = placeIn(bytes);
    const end = Math.min(bytes.length, at + Math.floor(between(1, 32)));
    for (let i = at; i < end; i++) bytes[i] = Math.floor(256 * uniform());
    return bytes;
  },
];
