import { z } from 'zod';
import type { Settlement, SettleOutcome } from '../reviewing.ts';
import { NEW_LEASE } from './claim.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

const lockItem = statement(
  'settle_lock',
  `SELECT outcome, cardinality(answered) > 0 AS answered, :by::text = ANY (answered) AS own
   FROM items WHERE id = :id FOR NO KEY UPDATE`,
);

const giveOpinion = statement(
  'settle_opinion',
  `INSERT INTO opinions (id, reviewer, label, finding, note, given_ms, lease, undecided)
   VALUES (:id, :by, :label::text, :finding::text, :note::text, ${NOW}, ${NEW_LEASE}, false)`,
);

const event = statement(
  'settle_event',
  `INSERT INTO events (id, at_ms, act, who, detail)
   VALUES (:id, ${NOW}, coalesce(:finding::text, 'labelled'), :by, coalesce(:label::text, :note::text))`,
);

const decide = statement(
  'settle',
  `UPDATE items SET
     outcome = CASE WHEN :label::text IS NULL THEN 'discarded' ELSE 'labelled' END,
     label = :label::text, finding = :finding::text, decided_by = :by, decided_ms = ${NOW},
     note = :note::text, assigned_to = NULL, settles = true, answered = array_append(answered, :by::text),
     lease = NULL, reviewer = NULL, lease_expires_ms = NULL
   WHERE id = :id`,
);

const lockedRow = z.object({ outcome: z.string(), answered: z.boolean(), own: z.boolean() }).optional();

/**
 * Has a lead decide an item that others have answered already, and not decided. To be run in a transaction:
 * the item's row is locked first, and all is decided behind it.
 */
export async function settle(
  connection: Connection,
  id: string,
  settlement: Settlement,
  now: number | null,
): Promise<SettleOutcome> {
  const values = { id, ...settlement, now };
  const item = lockedRow.parse((await connection.run(lockItem, values)).rows[0]);
  if (item === undefined) return 'unknown_item';
  if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
  if (item.own) return 'already_answered';
  if (!item.answered) return 'nothing_to_settle';
  for (const change of [giveOpinion, event, decide]) await connection.run(change, values);
  return 'done';
}
