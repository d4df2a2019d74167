import type { Database } from 'better-sqlite3';
import type { LeaseOutcome } from '../queue.ts';
import { prepareRefusal } from './lease-outcome.ts';

/**
 * Written before the lease is taken off, because the lease names the reviewer. Skipping again moves the item
 * behind what the reviewer skipped meanwhile. `skips` and `items` are each found by primary key.
 */
const SKIP = `
  INSERT INTO skips (id, reviewer, skipped_ms)
  SELECT id, reviewer, :now FROM items WHERE id = :id AND lease = :lease AND label IS NULL
  ON CONFLICT (id, reviewer) DO UPDATE SET skipped_ms = excluded.skipped_ms`;

const RELEASE = `
  UPDATE items SET lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id AND lease = :lease AND label IS NULL`;

/** Ends the lease unlabelled; `skip` also puts the item behind all others for the lease's reviewer. */
export function preparePutBack(db: Database) {
  const skip = db.prepare<[{ id: string; lease: string; now: number }]>(SKIP);
  const release = db.prepare<[{ id: string; lease: string }]>(RELEASE);
  const refusal = prepareRefusal(db);
  return (id: string, lease: string, how: 'release' | 'skip', now: number): LeaseOutcome => {
    if (how === 'skip') skip.run({ id, lease, now });
    return release.run({ id, lease }).changes === 1 ? 'done' : refusal(id);
  };
}
