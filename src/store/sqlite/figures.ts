import { setImmediate as nextTurn } from 'node:timers/promises';
import { DAY_MS, type DayRange } from '../day-counts.ts';
import type { ReadRows } from '../shared/dialect.ts';
import { dayColumns } from '../shared/figure-queries.ts';
import { heldAt } from '../shared/live-leases.ts';
import { dialect } from './dialect.ts';

/**
 * Reads no more than the leases that are held: `totals` is one row, kept by triggers; live leases are a range
 * of items_leased; the oldest open item is the first entry of items_by_created.
 */
export const STATISTICS = `
  SELECT items, labelled, discarded, disputed,
    (SELECT count(*) FROM items INDEXED BY items_leased
     WHERE outcome = 'open' AND ${heldAt(':now')}) AS claimed,
    (SELECT min(created_ms) FROM items WHERE outcome = 'open') AS oldest_ms
  FROM totals`;

export const DAY = `SELECT ${dayColumns(dialect, ':dayMs')}`;

/**
 * Counts answers and decisions day by day.
 *
 * A busy day has a million decisions to count, and nothing else runs meanwhile: each is a read of its own,
 * and between them others have their turn.
 */
export async function countDays(rows: ReadRows<string>, range: DayRange): Promise<readonly unknown[]> {
  const counts: unknown[] = [];
  for (let i = 0; i < range.days; i++) {
    for (const one of await rows(DAY, { ...range, dayMs: range.sinceMs + i * DAY_MS })) counts.push(one);
    await nextTurn();
  }
  return counts;
}
