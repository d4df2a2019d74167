import type { Database } from 'better-sqlite3';
import type { Hold, LeaseOutcome } from '../reviewing.ts';
import type { AppendEvent } from './history.ts';
import { prepareRefusal } from './lease-outcome.ts';

const HELD = `
  SELECT 1 FROM items WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open'`;

/** Skipping again moves the item behind what the reviewer skipped meanwhile. */
const SKIP = `
  INSERT INTO skips (id, reviewer, skipped_ms) VALUES (:id, :reviewer, :now)
  ON CONFLICT (id, reviewer) DO UPDATE SET skipped_ms = excluded.skipped_ms`;

const RELEASE = `
  UPDATE items
  SET assigned_to = iif(:how = 'skip', nullif(assigned_to, reviewer), assigned_to),
    lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

/** Ends the lease unlabelled; `skip` also puts the item behind all others for its holder. */
export function preparePutBack(db: Database, append: AppendEvent) {
  const held = db.prepare(HELD);
  const skip = db.prepare(SKIP);
  const release = db.prepare(RELEASE);
  const refusal = prepareRefusal(db);
  return (id: string, hold: Hold, how: 'release' | 'skip', now: number): LeaseOutcome => {
    const { reviewer } = hold;
    if (held.get({ id, ...hold }) === undefined) return refusal(id);
    if (how === 'skip') skip.run({ id, reviewer, now });
    release.run({ id, how });
    append(id, now, how === 'skip' ? 'skipped' : 'released', reviewer);
    return 'done';
  };
}
