import { isInReview } from '../prediction-record.ts';
import type { Recording } from '../records.ts';
import { StoreError } from '../store-error.ts';

/** A record and the item that it goes to. */
export interface Placed extends Recording {
  /** Null where nobody has to look. */
  readonly itemId: string | null;
  /** Whether the item is made for it. */
  readonly isNew: boolean;
}

/** The keys by which records may be of items that are there. */
export function sameKeysOf(recordings: readonly Recording[]): string[] {
  const keys = recordings.flatMap((recording) => {
    const { sameKey, image, prediction } = recording;
    return sameKey === undefined || image === null || !isInReview(prediction) ? [] : [sameKey];
  });
  return [...new Set(keys)].sort();
}

/** Which item each record of a request goes to. `open` has the ids of items that may be joined, by key. */
export function placeRecords(recordings: readonly Recording[], open: ReadonlyMap<string, string>): Placed[] {
  const known = new Map(open);
  return recordings.map((recording) => {
    const { prediction, image } = recording;
    if (!isInReview(prediction)) return { ...recording, itemId: null, isNew: false };
    // What has no image is no image that others could be the same as.
    const sameKey = image === null ? undefined : recording.sameKey;
    const joined = sameKey === undefined ? undefined : known.get(sameKey);
    if (joined !== undefined) return { ...recording, itemId: joined, isNew: false };
    if (sameKey !== undefined) known.set(sameKey, prediction.id);
    return { ...recording, itemId: prediction.id, isNew: true };
  });
}

/**
 * Refuses a request whose caller would have more open items than one may have.
 *
 * @param open How many it has.
 * @throws StoreError `too_many_open_items`
 */
export function requireRoom(placed: readonly Placed[], open: number, most: number): void {
  const added = placed.filter(({ isNew, prediction }) => isNew && prediction.decision === 'review').length;
  if (added === 0 || open + added <= most) return;
  throw new StoreError(
    'too_many_open_items',
    `"${placed[0]!.prediction.caller}" has ${open} images that wait for people, ${most} is the most of one ` +
      `caller, and this request would add ${added}. Nothing of it was stored. Send it again when people have ` +
      'labelled some; images that the machine may label are answered all the same.',
  );
}
