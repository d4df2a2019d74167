/**
 * Says once, before anything is done for a request, whether it is taken on: the only limiter of work.
 *
 * Whatever is admitted takes its place from then until it is measured: decoding, waiting and computing. Three
 * things are looked at:
 *
 * - whether the engine runs at all;
 * - how many measurements are open: never more than the queue's limit;
 * - how long this request would stay. By Little's law those that are inside, divided by how many leave a
 *   second, is how long the next one stays; and while nothing leaves, at least as long as that has lasted.
 *   Where that is more than a share of its deadline the caller is told to come again, instead of finding its
 *   image with a person only because the machine was busy. A service that is not busy never refuses for this:
 *   the rate says little then, since nothing waits.
 */
import { EngineError } from '../engine/engine-error.ts';

/**
 * As many images are always taken, whatever the rate: a few batches, gone in a moment unless the engine
 * hangs.
 */
const ALWAYS = 32;
/**
 * Half: the rate is an average, and what comes after half the deadline would too often come after all of it.
 */
const SHARE_OF_DEADLINE = 0.5;
/**
 * Busy time over which the rate is averaged, exponentially: long against a batch, short against an overload.
 */
const MEMORY_MS = 2_000;
/** Busy time after which a rate is known at all. */
const LEAST_BUSY_MS = 250;

/** What a request asks for. */
export interface Work {
  readonly images: number;
  /**
   * Of them, those that wait for a long decoding: how long they stay says nothing of how long others will.
   */
  readonly apart?: number;
  /** Of each image: 1, or 2 where the exact one is asked for beside what the gate decides by. */
  readonly measurementsEach: number;
  readonly deadlineMs: number;
}

export interface Admission {
  /**
   * Takes a request in, whole or not at all.
   *
   * @returns Called when some of its images are measured or have failed; without a number, for all that are
   *   left. More is ignored.
   * @throws EngineError `engine_unavailable`, `engine_busy`, or `request_exceeds_queue` where it never will
   *   be taken
   */
  enter(work: Work): (images?: number) => void;
}

export interface AdmissionOptions {
  /** Measurements that may be open at once. */
  readonly queueLimit: number;
  /** Why the engine takes no work now; null while it does. */
  readonly unavailable: () => string | null;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
}

export function createAdmission({ queueLimit, unavailable, now }: AdmissionOptions): Admission {
  /** Images, and their measurements, that are admitted and have not left. */
  let inside = 0;
  let measurements = 0;
  let since = now();
  /** Busy time and images that left during it, both fading with the same memory. */
  let busyMs = 0;
  let left = 0;
  /** Busy time since the last one left. */
  let quietMs = 0;

  const advance = (): void => {
    const time = now();
    const passed = time - since;
    since = time;
    if (inside === 0 || passed <= 0) return;
    const kept = Math.exp(-passed / MEMORY_MS);
    busyMs = busyMs * kept + MEMORY_MS * (1 - kept);
    left *= kept;
    quietMs += passed;
  };

  const stayMs = (): number => {
    const isKnown = busyMs >= LEAST_BUSY_MS && left >= 1;
    return Math.max(quietMs, isKnown ? (inside * busyMs) / left : 0);
  };

  const refuse = (asked: number, deadlineMs: number): void => {
    const why = unavailable();
    if (why !== null) throw new EngineError('engine_unavailable', why);
    if (asked > queueLimit) {
      throw new EngineError(
        'request_exceeds_queue',
        `expected at most ${queueLimit} measurements in one request, got ${asked}; send fewer images ` +
          'at a time',
      );
    }
    if (measurements + asked > queueLimit) {
      throw new EngineError(
        'engine_busy',
        `${measurements} inputs are being measured and ${queueLimit} is the limit; come again in a second`,
      );
    }
    const stay = stayMs();
    if (inside > ALWAYS && stay > SHARE_OF_DEADLINE * deadlineMs) {
      throw new EngineError(
        'engine_busy',
        `${inside} images are being answered, which takes about ${(stay / 1000).toFixed(1)} s, too ` +
          `much of this request's deadline of ${deadlineMs / 1000} s; come again in a second`,
      );
    }
  };

  return {
    enter: ({ images, apart = 0, measurementsEach, deadlineMs }) => {
      advance();
      refuse(images * measurementsEach, deadlineMs);
      let counted = images - apart;
      inside += counted;
      measurements += images * measurementsEach;
      let remaining = images;
      return (leavers = remaining) => {
        advance();
        const leaving = Math.min(leavers, remaining);
        if (leaving === 0) return;
        remaining -= leaving;
        measurements -= leaving * measurementsEach;
        const told = Math.min(leaving, counted);
        counted -= told;
        inside -= told;
        left += told;
        if (told > 0) quietMs = 0;
      };
    },
  };
}
