import type { Database } from 'better-sqlite3';
import type { Hold, LeaseOutcome } from '../reviewing.ts';
import { prepareRefusal } from './lease-outcome.ts';

/**
 * Found by primary key. The token and its holder are the whole test: a lapsed lease that nobody has taken
 * since is renewed too, because its token is still the item's current one.
 */
const RENEW = `
  UPDATE items SET lease_expires_ms = :now + :leaseMs
  WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open'`;

/** Sets the lease's end to `leaseMs` after `now`. */
export function prepareRenew(db: Database) {
  const renew = db.prepare<[Hold & { id: string; leaseMs: number; now: number }]>(RENEW);
  const refusal = prepareRefusal(db);
  return (id: string, hold: Hold, leaseMs: number, now: number): LeaseOutcome =>
    renew.run({ id, ...hold, leaseMs, now }).changes === 1 ? 'done' : refusal(id);
}
