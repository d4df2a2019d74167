import { upperBound } from '../risk/clopper-pearson.ts';
import { imagesToTell, type WatchedEvent } from './change-evidence.ts';

/** False alarms: at most one in a hundred for each million images like calibration's. */
export const ALARM_ERROR = 0.01;
export const ALARM_IMAGES = 1_000_000;

/** Part of the error that is spent on what a finite calibration says of its own distribution. */
const LIMITS_ERROR = 0.4 * ALARM_ERROR;

/** How often an event happened in calibration. */
export interface ReferenceEvent {
  /** Of the calibration images, as many had it; for a tail as many lie beyond its cut. */
  readonly beyond: number;
  /** Its part of the error; those of all events add up to 1 at most. */
  readonly weight: number;
}

/**
 * The evidence at which an alarm is given. Each image is looked at twice, over all and in its stream, which
 * halves what either may err.
 */
export const ALARM_EVIDENCE = (2 * ALARM_IMAGES) / (ALARM_ERROR - LIMITS_ERROR);

/**
 * Events with the most that each may happen by what `images` calibration images say: exact upper limits
 * (Clopper and Pearson), which hold together but with `LIMITS_ERROR`. A cut at an order statistic of these
 * very images has the same limit, its tail being Beta(beyond + 1, images − beyond).
 *
 * With the limits taken as the truth, no more is claimed than is known. With the shares themselves, 1%
 * alarms became 35–41% over calibrations.
 */
export function watchedEvents(images: number, events: readonly ReferenceEvent[]): WatchedEvent[] {
  return events.map(({ beyond, weight }) => ({
    // What every image had tells nothing; just below 1 it never gains evidence.
    limit: Math.min(1 - 1e-9, upperBound(beyond, images, LIMITS_ERROR * weight)),
    weight,
  }));
}

/** What `images` calibration images, of which `beyond` are unfamiliar, let an alarm see. */
export interface Sight {
  /** Images after the change, on average. */
  readonly within: number;
  /** Least share of junk, all of it unfamiliar, that is told within as many. */
  readonly share: number;
}

/** The least share of junk that is told within so many images, for each of `within`; 1 where none is. */
export function smallestShares(
  images: number,
  { beyond, weight }: ReferenceEvent,
  within: readonly number[],
): Sight[] {
  const [event] = watchedEvents(images, [{ beyond, weight }]);
  const usual = beyond / images;
  return within.map((most) => {
    let [unseen, seen] = [0, 1];
    while (seen - unseen > 1e-5) {
      const share = (unseen + seen) / 2;
      const rate = usual + share * (1 - usual);
      if (imagesToTell(rate, event!, ALARM_EVIDENCE) <= most) seen = share;
      else unseen = share;
    }
    return { within: most, share: seen };
  });
}
