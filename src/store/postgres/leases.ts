import type { Hold, LeaseOutcome } from '../reviewing.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/**
 * Found by primary key. The token and its holder are the whole test: a lapsed lease that nobody has taken
 * since is renewed too, because its token is still the item's current one.
 */
const renewLease = statement(
  'renew',
  `UPDATE items SET lease_expires_ms = ${NOW} + :leaseMs::bigint
   WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open'`,
);

/** The row is locked first: what is written beside it is about this very lease. */
const HELD = `
  held AS MATERIALIZED (
    SELECT id, reviewer FROM items
    WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open' FOR NO KEY UPDATE)`;

const releaseItem = statement(
  'release',
  `WITH ${HELD}, event AS (
     INSERT INTO events (id, at_ms, act, who) SELECT id, ${NOW}, 'released', reviewer FROM held)
   UPDATE items SET lease = NULL, reviewer = NULL, lease_expires_ms = NULL
   FROM held WHERE items.id = held.id`,
);

const skipItem = statement(
  'skip',
  `WITH ${HELD}, skip AS (
     INSERT INTO skips (id, reviewer, skipped_ms) SELECT id, reviewer, ${NOW} FROM held
     ON CONFLICT (id, reviewer) DO UPDATE SET skipped_ms = excluded.skipped_ms),
   event AS (
     INSERT INTO events (id, at_ms, act, who) SELECT id, ${NOW}, 'skipped', reviewer FROM held)
   UPDATE items
   SET assigned_to = nullif(items.assigned_to, held.reviewer),
     lease = NULL, reviewer = NULL, lease_expires_ms = NULL
   FROM held WHERE items.id = held.id`,
);

const itemExists = statement('item_exists', 'SELECT 1 FROM items WHERE id = :id');

export async function renew(
  connection: Connection,
  id: string,
  hold: Hold,
  leaseMs: number,
  now: number | null,
): Promise<LeaseOutcome> {
  const { changed } = await connection.run(renewLease, { id, ...hold, leaseMs, now });
  return changed === 1 ? 'done' : refusal(connection, id);
}

/** Ends the lease unlabelled; `skip` also puts the item behind all others for its holder. */
export async function putBack(
  connection: Connection,
  id: string,
  hold: Hold,
  how: 'release' | 'skip',
  now: number | null,
): Promise<LeaseOutcome> {
  const { changed } = await connection.run(how === 'skip' ? skipItem : releaseItem, { id, ...hold, now });
  return changed === 1 ? 'done' : refusal(connection, id);
}

/** Tells why a lease did nothing: items are never deleted, so it may be asked afterwards. */
export async function refusal(connection: Connection, id: string): Promise<LeaseOutcome> {
  const { rows } = await connection.run(itemExists, { id });
  return rows.length === 0 ? 'unknown_item' : 'lease_lost';
}
