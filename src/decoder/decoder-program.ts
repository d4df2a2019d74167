/**
 * What a decoder process runs: images that take more than a moment are decoded here and not in the service,
 * one at a time. It can be killed at any moment, and what it takes goes with it. Work that cannot be stopped
 * runs in other threads than this one, which watches their memory meanwhile.
 */
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { createDecode } from '../model/decode.ts';
import { ImageError } from '../model/image-error.ts';
import type { Decode, DecoderAnswer, FromDecoder, ToDecoder } from './messages.ts';

const WATCH_MS = 20;

const send = (message: FromDecoder, sent?: () => void): void => {
  process.send?.(message, undefined, undefined, sent);
};

/** Every thread has a niceness of its own on Linux: those that run already take this one's. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), getPriority());
}

/** Says so and ends where this process comes to hold more than `allowedBytes` beyond what it holds now. */
function watchMemory(allowedBytes: number): NodeJS.Timeout {
  const before = process.memoryUsage.rss();
  return setInterval(() => {
    const takenBytes = process.memoryUsage.rss() - before;
    if (takenBytes <= allowedBytes) return;
    send({ type: 'costly', takenBytes }, () => process.kill(process.pid, 'SIGKILL'));
  }, WATCH_MS);
}

async function answer(decode: Decode, bytes: Uint8Array): Promise<DecoderAnswer> {
  try {
    const decoded = await decode(bytes);
    return { type: 'decoded', decoded, residentBytes: process.memoryUsage.rss() };
  } catch (error) {
    if (!(error instanceof ImageError)) return { type: 'failed', message: String(error) };
    const { code, message } = error;
    return { type: 'refused', code, message, residentBytes: process.memoryUsage.rss() };
  }
}

let decode: Decode | null = null;
process.on('message', (message: ToDecoder) => {
  if (message.type === 'begin') {
    giveWay();
    decode = createDecode(message.manifest, message.maxPixels);
    send({ type: 'ready' });
    return;
  }
  const watch = watchMemory(message.allowedBytes);
  void answer(decode!, message.bytes).then((answered) => {
    clearInterval(watch);
    send(answered);
  });
});
// Without its service it has nothing to do, and nobody to say goodbye to.
process.on('disconnect', () => {
  process.kill(process.pid, 'SIGKILL');
});
// Ctrl-C reaches the whole group; the service decides when its decoders end.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
