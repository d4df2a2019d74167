/**
 * Refuses at once what could not be answered in time.
 *
 * Whatever is admitted takes its place from then until it is measured: decoding, waiting and computing. By Little's law those that are
 * inside, divided by how many leave a second, is how long the next one stays; and while nothing leaves, at least as long as that has
 * lasted. Where that is more than a share of its deadline the caller is told to come again, instead of finding its image with a person
 * only because the machine was busy.
 *
 * A service that is not busy never refuses: the rate says little then, since nothing ever waits.
 */
import { EngineError } from '../engine/engine-error.ts';

/** As many are always taken, whatever the rate: a few batches, gone in a moment unless the engine hangs. */
const ALWAYS = 32;
/** Half: the rate is an average, and what comes after half the deadline would too often come after all of it. */
const SHARE_OF_DEADLINE = 0.5;
/** Busy time over which the rate is averaged, exponentially: long against a batch, short against an overload. */
const MEMORY_MS = 2_000;
/** Busy time after which a rate is known at all. */
const LEAST_BUSY_MS = 250;

export interface Admission {
  /**
   * Takes in `count` images.
   *
   * @returns To be called when some of them are measured or have failed; without a number, for all that are left. More is ignored.
   * @throws EngineError `engine_busy`
   */
  enter(count: number, deadlineMs: number): (images?: number) => void;
}

/** @param now Milliseconds of a clock that never jumps. */
export function createAdmission(now: () => number): Admission {
  let inside = 0;
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

  return {
    enter: (count, deadlineMs) => {
      advance();
      const stay = stayMs();
      if (inside > ALWAYS && stay > SHARE_OF_DEADLINE * deadlineMs) {
        throw new EngineError(
          'engine_busy',
          `${inside} images are being answered, which takes about ${(stay / 1000).toFixed(1)} s, too much of this ` +
            `request's deadline of ${deadlineMs / 1000} s; come again in a second`,
        );
      }
      inside += count;
      let remaining = count;
      return (images = remaining) => {
        advance();
        const leaving = Math.min(images, remaining);
        if (leaving === 0) return;
        remaining -= leaving;
        inside -= leaving;
        left += leaving;
        quietMs = 0;
      };
    },
  };
}
