/**
 * Where images are decoded. What is done in a moment, by its header, is decoded in this process; all else in
 * a decoder process, which is started when it is first needed and is killed
 *
 *   - when the signal of its image aborts: the request's time is over, or it has failed;
 *   - when it takes more memory than the image's header made expect, and a margin;
 *   - after an image, when it has come to hold more than an idle one should.
 *
 * A process that ends by itself takes its image with it and nothing else. That image is tried once more, in
 * case the fault was not its own; then its end is the answer.
 */
import { createDecode } from '../model/decode.ts';
import { decodeWork, requireMemory, requirePixels } from '../model/decode-work.ts';
import { ImageError } from '../model/image-error.ts';
import { readImageHeader } from '../model/image-header.ts';
import { type DecoderEnding, type DecoderProcess, startDecoderProcess } from './decoder-process.ts';
import type { Decoded, DecoderOptions } from './messages.ts';

/** Beyond what an image is expected to take: libraries that are loaded for it, and pages not given back. */
const MARGIN_BYTES = 64_000_000;
/** An idle decoder holds some 80 MB. */
const IDLE_BYTES = 160_000_000;

export interface DecodersOptions extends DecoderOptions {
  /** What all images that are decoded at a time may take; one that takes more by itself is refused. */
  readonly memoryBytes: number;
  /** A decoder has ended by itself, or has taken too much. */
  readonly onEnd: (how: string) => void;
}

export interface Decoders {
  /**
   * Decodes as `createDecode` does. How many at a time is the caller's to say: each has a process.
   *
   * @throws ImageError, and the signal's reason where it aborts
   */
  readonly decode: (bytes: Uint8Array, signal: AbortSignal) => Promise<Decoded>;
  /** Of the processes that run. */
  readonly pids: readonly number[];
  close(): void;
}

export function createDecoders(options: DecodersOptions): Decoders {
  const { manifest, maxPixels, memoryBytes } = options;
  const decodeHere = createDecode(manifest, maxPixels);
  const running = new Set<DecoderProcess>();
  const idle = new Set<DecoderProcess>();
  let closed = false;

  const start = (): DecoderProcess => {
    if (closed) throw new Error('the decoders are closed');
    const one: DecoderProcess = startDecoderProcess({ manifest, maxPixels }, () => {
      running.delete(one);
      idle.delete(one);
    });
    running.add(one);
    return one;
  };

  const decodeApart = async (
    bytes: Uint8Array,
    expectedBytes: number,
    signal: AbortSignal,
  ): Promise<DecoderEnding> => {
    const [one = start()] = idle;
    idle.delete(one);
    const ending = await one.decode(bytes, expectedBytes + MARGIN_BYTES, signal);
    if (ending.type === 'ended') options.onEnd(ending.how);
    else if (ending.type === 'failed' || ending.residentBytes > IDLE_BYTES) one.kill();
    else idle.add(one);
    return ending;
  };

  return {
    decode: async (bytes, signal) => {
      const header = readImageHeader(bytes);
      const work = decodeWork(header, bytes.length, manifest);
      // What has no header is refused there.
      if (work.cheap || header === null) return decodeHere(bytes);
      requirePixels(header, maxPixels, manifest);
      requireMemory(work, memoryBytes);
      const first = await decodeApart(bytes, work.bytes, signal);
      const isAnswer = first.type !== 'ended' || first.takenBytes !== undefined;
      return decodedOf(isAnswer ? first : await decodeApart(bytes, work.bytes, signal));
    },
    get pids() {
      return [...running].flatMap(({ pid }) => pid ?? []);
    },
    close: () => {
      closed = true;
      for (const one of running) one.kill();
    },
  };
}

/** @throws ImageError, and Error where the fault is not the image's */
function decodedOf(ending: DecoderEnding): Decoded {
  if (ending.type === 'decoded') return ending.decoded;
  if (ending.type === 'refused') throw new ImageError(ending.code, ending.message);
  if (ending.type === 'failed') throw new Error(`a decoder failed: ${ending.message}`);
  const { how, ready, takenBytes } = ending;
  if (!ready) throw new Error(`expected a decoder process to start, but it ended: ${how}`);
  if (takenBytes !== undefined) {
    throw new ImageError(
      'image_too_costly',
      `expected an image that takes as much memory as its header says, got one whose decoder was stopped ` +
        `at ${Math.round(takenBytes / 2 ** 20)} MiB. Send it encoded anew`,
    );
  }
  throw new ImageError(
    'unreadable_image',
    `expected a readable JPEG, PNG or WebP image, got one whose decoder ended twice (${how}). ` +
      'Send it smaller or encoded anew',
  );
}
