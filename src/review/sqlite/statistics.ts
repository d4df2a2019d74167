import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { QueueStatistics } from '../queue.ts';

/**
 * Reads no more than the leases that are held: `totals` is one row, kept by triggers; live leases are a range of
 * items_leased; the oldest open item is the first entry of items_open_by_created.
 */
export const STATISTICS = `
  SELECT items, labelled,
    (SELECT count(*) FROM items WHERE label IS NULL AND lease_expires_ms > :now) AS claimed,
    (SELECT min(created_ms) FROM items WHERE label IS NULL) AS oldest_ms
  FROM totals`;

const statisticsRow = z.object({
  items: z.number(),
  labelled: z.number(),
  claimed: z.number(),
  oldest_ms: z.number().nullable(),
});

/** Counts the items by state at `now`. */
export function prepareStatistics(db: Database) {
  const select = db.prepare<[{ now: number }]>(STATISTICS);
  return (now: number): QueueStatistics => {
    const row = statisticsRow.parse(select.get({ now }));
    return {
      items: {
        pending: row.items - row.labelled - row.claimed,
        claimed: row.claimed,
        labelled: row.labelled,
      },
      oldestWaitingMs: row.oldest_ms,
    };
  };
}
