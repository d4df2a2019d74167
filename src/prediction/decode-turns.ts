/**
 * Who decodes next. Images that are cheap by their header are decoded in the service, two at a time: libvips
 * works in the four threads that files, names and keys need too. The others are decoded apart, as many at a
 * time as there are places for, and as go into the memory that they share. Of those that wait, callers take
 * turns, whatever number of images each has sent, and none has more than half of the places.
 *
 *   waiting ──► decoding ──► done
 *      │ its request has failed or its time is over
 *      ▼
 *   gone, without any work
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '../engine/engine-error.ts';
import { type DecodeWork, MOST_DECODE_BYTES } from '../model/decode-work.ts';

/** In a millisecond or two each. */
const CHEAP_AT_ONCE = 2;
/** Dear images that one caller may have waiting, whatever their sides: as many as one form holds. */
const DEAR_OF_ONE = 64;
/** Of those that are more, pixels: what is decoded in a few seconds, less than a deadline. */
const DEAR_PIXELS_OF_ONE = 100_000_000;
/**
 * Until a caller is told that too many of its images wait: it may send them again at once, and reading them
 * is work for all.
 */
const REFUSED_AFTER_MS = 1_000;

export interface DecodeTurns {
  /**
   * Waits for the caller's turn.
   *
   * @returns Called when the image is decoded, or has failed
   * @throws EngineError `engine_busy` where too many of the caller's wait; the signal's reason if it aborts
   */
  take(caller: string, work: DecodeWork, signal: AbortSignal): Promise<() => void>;
}

/** Where images that are not cheap are decoded. */
export interface DearPlaces {
  /** Images at a time. */
  readonly places: number;
  /** What they may take together. */
  readonly memoryBytes: number;
}

export const ONE_DEAR_PLACE: DearPlaces = { places: 1, memoryBytes: MOST_DECODE_BYTES };

export function createDecodeTurns({ places, memoryBytes }: DearPlaces = ONE_DEAR_PLACE): DecodeTurns {
  const cheap = {
    atOnce: CHEAP_AT_ONCE,
    ofOne: CHEAP_AT_ONCE,
    waitingOfOne: Infinity,
    pixelsOfOne: Infinity,
    memoryBytes: Infinity,
  };
  const dear = {
    ...{ atOnce: places, ofOne: Math.max(1, places >> 1), memoryBytes },
    ...{ waitingOfOne: DEAR_OF_ONE, pixelsOfOne: DEAR_PIXELS_OF_ONE },
  };
  const cheapLane = createLane(cheap);
  const dearLane = createLane(dear);
  return {
    take: (caller, work, signal) => (work.cheap ? cheapLane : dearLane)(caller, work, signal),
  };
}

interface Waiting {
  readonly bytes: number;
  readonly pixels: number;
  readonly begin: () => void;
}

type Lane = (caller: string, work: DecodeWork, signal: AbortSignal) => Promise<() => void>;

interface LaneBounds {
  readonly atOnce: number;
  /** Of one caller at a time. */
  readonly ofOne: number;
  readonly waitingOfOne: number;
  /** Of those beyond that number. */
  readonly pixelsOfOne: number;
  readonly memoryBytes: number;
}

function createLane({ atOnce, ofOne, waitingOfOne, pixelsOfOne, memoryBytes }: LaneBounds): Lane {
  /** In the order of their turns; a caller without images is not there. */
  const callers = new Map<string, Waiting[]>();
  /** How many images of each caller are decoded; a caller without any is not there. */
  const decodingOf = new Map<string, number>();
  let decoding = 0;
  let bytesTaken = 0;

  /** Whose turn it is: the first that has not its share of the places already. */
  const nextCaller = (): string | undefined =>
    [...callers.keys()].find((caller) => (decodingOf.get(caller) ?? 0) < ofOne);

  const next = (): void => {
    while (decoding < atOnce) {
      const caller = nextCaller();
      if (caller === undefined) return;
      const waiting = callers.get(caller)!;
      // One that does not fit waits for memory, and nobody passes it: it would wait for ever. Alone it always
      // begins, be it only to be refused.
      if (decoding > 0 && bytesTaken + waiting[0]!.bytes > memoryBytes) return;
      const one = waiting.shift()!;
      callers.delete(caller);
      if (waiting.length > 0) callers.set(caller, waiting);
      decoding++;
      bytesTaken += one.bytes;
      decodingOf.set(caller, (decodingOf.get(caller) ?? 0) + 1);
      one.begin();
    }
  };

  const end = (caller: string, bytes: number): void => {
    decoding--;
    bytesTaken -= bytes;
    const left = decodingOf.get(caller)! - 1;
    if (left > 0) decodingOf.set(caller, left);
    else decodingOf.delete(caller);
    next();
  };

  const leave = (caller: string, one: Waiting): void => {
    const waiting = callers.get(caller);
    const place = waiting?.indexOf(one) ?? -1;
    if (waiting === undefined || place < 0) return;
    waiting.splice(place, 1);
    if (waiting.length === 0) callers.delete(caller);
    // It may have been the one for which others waited.
    next();
  };

  return async (caller, { bytes, pixels }, signal) => {
    signal.throwIfAborted();
    const waiting = callers.get(caller) ?? [];
    const sum = waiting.reduce((all, one) => all + one.pixels, pixels);
    if (waiting.length >= waitingOfOne && sum > pixelsOfOne) {
      await sleep(REFUSED_AFTER_MS, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      throw new EngineError(
        'engine_busy',
        `${waiting.length} large images of this caller wait to be decoded; come again in a second`,
      );
    }
    const turn = Promise.withResolvers<undefined>();
    const one: Waiting = {
      ...{ bytes, pixels },
      begin: () => {
        turn.resolve(undefined);
      },
    };
    const abort = (): void => {
      leave(caller, one);
      turn.reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    waiting.push(one);
    callers.set(caller, waiting);
    next();
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    let done = false;
    return () => {
      if (done) return;
      done = true;
      end(caller, bytes);
    };
  };
}
