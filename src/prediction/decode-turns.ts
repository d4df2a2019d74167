/**
 * Who decodes next. libvips works in the four threads that files, names and keys need too, so no more images
 * than leave one of them free are decoded at a time: two that are cheap by their header and one that is not.
 * Of those that wait, callers take turns, whatever number of images each has sent.
 *
 *   waiting ──► decoding ──► done
 *      │ its request has failed or its time is over
 *      ▼
 *   gone, without any work
 *
 * What has begun goes on to its end: a thread cannot be stopped.
 */
import { EngineError } from '../engine/engine-error.ts';

/** In some 5 ms each. */
const CHEAP_AT_ONCE = 2;
const DEAR_AT_ONCE = 1;
/** Dear images that one caller may have waiting: as many as one form holds. */
const DEAR_OF_ONE = 64;

export interface DecodeTurns {
  /**
   * Waits for the caller's turn.
   *
   * @returns Called when the image is decoded, or has failed
   * @throws EngineError `engine_busy` where too many of the caller's wait; the signal's reason if it aborts
   */
  take(caller: string, cheap: boolean, signal: AbortSignal): Promise<() => void>;
}

export function createDecodeTurns(): DecodeTurns {
  const cheapLane = createLane(CHEAP_AT_ONCE, Infinity);
  const dearLane = createLane(DEAR_AT_ONCE, DEAR_OF_ONE);
  return {
    take: (caller, cheap, signal) => (cheap ? cheapLane : dearLane)(caller, signal),
  };
}

interface Waiting {
  readonly begin: () => void;
}

type Lane = (caller: string, signal: AbortSignal) => Promise<() => void>;

function createLane(atOnce: number, mostOfOne: number): Lane {
  /** In the order of their turns; a caller without images is not there. */
  const callers = new Map<string, Waiting[]>();
  let decoding = 0;

  const next = (): void => {
    while (decoding < atOnce) {
      const [first] = callers;
      if (first === undefined) return;
      const [caller, waiting] = first;
      const one = waiting.shift()!;
      callers.delete(caller);
      if (waiting.length > 0) callers.set(caller, waiting);
      decoding++;
      one.begin();
    }
  };

  const leave = (caller: string, one: Waiting): void => {
    const waiting = callers.get(caller);
    const place = waiting?.indexOf(one) ?? -1;
    if (waiting === undefined || place < 0) return;
    waiting.splice(place, 1);
    if (waiting.length === 0) callers.delete(caller);
  };

  return async (caller, signal) => {
    signal.throwIfAborted();
    const waiting = callers.get(caller) ?? [];
    if (waiting.length >= mostOfOne) {
      throw new EngineError(
        'engine_busy',
        `${mostOfOne} large images of this caller wait to be decoded; come again in a second`,
      );
    }
    const turn = Promise.withResolvers<undefined>();
    const one: Waiting = {
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
      decoding--;
      next();
    };
  };
}
