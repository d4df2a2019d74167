import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { QueueStatistics, ReviewerProgress } from '../figures.ts';

/**
 * Reads no more than the leases that are held: `totals` is one row, kept by triggers; live leases are a range of
 * items_leased; the oldest open item is the first entry of items_by_created.
 */
export const STATISTICS = `
  SELECT items, labelled, discarded, disputed,
    (SELECT count(*) FROM items INDEXED BY items_leased WHERE outcome = 'open' AND lease_expires_ms > :now) AS claimed,
    (SELECT min(created_ms) FROM items WHERE outcome = 'open') AS oldest_ms
  FROM totals`;

const statisticsRow = z.object({
  items: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  disputed: z.number(),
  claimed: z.number(),
  oldest_ms: z.number().nullable(),
});

/** Counts the items by state at `now`. */
export function prepareStatistics(db: Database) {
  const select = db.prepare<[{ now: number }]>(STATISTICS);
  return (now: number): QueueStatistics => {
    const { items, oldest_ms, ...counted } = statisticsRow.parse(select.get({ now }));
    const { labelled, discarded, disputed, claimed } = counted;
    return {
      items: { pending: items - labelled - discarded - disputed - claimed, ...counted },
      oldestWaitingMs: oldest_ms,
    };
  };
}

/** A range of opinions_by_time, which holds all that is read. */
export const PROGRESS = `
  SELECT reviewer, count(label) AS labelled, count(*) - count(label) AS discarded
  FROM opinions WHERE given_ms >= ? GROUP BY reviewer ORDER BY reviewer`;

const progressRow = z.object({ reviewer: z.string(), labelled: z.number(), discarded: z.number() });

/** Counts the opinions since a time that stand, by reviewer. */
export function prepareProgress(db: Database) {
  const select = db.prepare<[number]>(PROGRESS);
  return (sinceMs: number): ReviewerProgress[] => z.array(progressRow).parse(select.all(sinceMs));
}
