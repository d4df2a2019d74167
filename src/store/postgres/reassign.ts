import { z } from 'zod';
import type { Reassignment, ReassignOutcome } from '../reviewing.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

const lockItem = statement(
  'reassign_lock',
  `SELECT outcome, coalesce(:to::text = ANY (answered), false) AS answered
   FROM items WHERE id = :id FOR NO KEY UPDATE`,
);

/** A disputed item is settled by the next answer; once it was disputed it stays so. */
const assign = statement(
  'reassign',
  `UPDATE items SET
     settles = settles OR outcome = 'disputed', outcome = 'open', decided_by = NULL, decided_ms = NULL,
     note = NULL,
     assigned_to = :to::text, lease = NULL, reviewer = NULL, lease_expires_ms = NULL
   WHERE id = :id`,
);

const event = statement(
  'reassign_event',
  `INSERT INTO events (id, at_ms, act, who, detail) VALUES (:id, ${NOW}, 'reassigned', :by, :to::text)`,
);

const lockedRow = z.object({ outcome: z.string(), answered: z.boolean() }).optional();

/** Takes an item from its holder, for a named person or for anyone. To be run in a transaction. */
export async function reassign(
  connection: Connection,
  id: string,
  reassignment: Reassignment,
  now: number | null,
): Promise<ReassignOutcome> {
  const values = { id, ...reassignment, now };
  const item = lockedRow.parse((await connection.run(lockItem, values)).rows[0]);
  if (item === undefined) return 'unknown_item';
  if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
  if (item.answered) return 'already_answered';
  await connection.run(assign, values);
  await connection.run(event, values);
  return 'done';
}
