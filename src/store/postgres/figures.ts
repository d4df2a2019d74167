import { DAY_MS } from '../day-counts.ts';
import { dayColumns } from '../shared/figure-queries.ts';
import { heldAt } from '../shared/live-leases.ts';
import { dialect } from './dialect.ts';
import { NOW, statement } from './sql.ts';

/** `totals` is a handful of rows, kept by triggers; live leases are a range of items_leased. */
export const STATISTICS = statement(
  'statistics',
  `SELECT sum(items)::bigint AS items, sum(labelled)::bigint AS labelled, sum(discarded)::bigint AS discarded,
     sum(disputed)::bigint AS disputed,
     (SELECT count(*) FROM items WHERE outcome = 'open' AND ${heldAt(NOW)}) AS claimed,
     (SELECT min(created_ms) FROM items WHERE outcome = 'open') AS oldest_ms
   FROM totals`,
);

/** Counts answers and decisions day by day. */
export const DAYS = statement(
  'days',
  `SELECT ${dayColumns(dialect, 'dates.ms')}
   FROM (SELECT :sinceMs::bigint + n * ${DAY_MS}::bigint AS ms
         FROM generate_series(0, :days::int - 1) n) dates
   ORDER BY day_ms`,
);
