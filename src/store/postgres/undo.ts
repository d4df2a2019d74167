import { z } from 'zod';
import type { Claim, UndoRefusal, UndoRequest } from '../reviewing.ts';
import { CLAIM_COLUMNS, claimed, NEW_LEASE } from './claim.ts';
import type { Connection } from './connection.ts';
import { exportIsPast } from '../shared/labels.ts';
import { NOW, statement } from './sql.ts';

const lockItem = statement(
  'undo_lock',
  `SELECT outcome = 'labelled' OR coalesce(finding = 'none_of_these', false) AS exports,
     :reviewer::text = ANY (answered) AS answered
   FROM items WHERE id = :id FOR NO KEY UPDATE`,
);

/** Of each prediction that the item decides. An export that is numbering one of them is waited for. */
const lockLabels = statement(
  'undo_labels',
  'SELECT place IS NOT NULL AS sealed FROM labels WHERE item_id = :id ORDER BY id FOR UPDATE',
);

const isExported = statement(
  'undo_exported',
  `SELECT ${exportIsPast('own')} AS exported FROM opinions own WHERE id = :id AND reviewer = :reviewer`,
);

const removeOpinion = statement(
  'undo_opinion',
  'DELETE FROM opinions WHERE id = :id AND reviewer = :reviewer',
);

const reopen = statement(
  'undo_reopen',
  `UPDATE items SET
     outcome = 'open', label = NULL, finding = NULL, decided_by = NULL, decided_ms = NULL, note = NULL,
     answered = array_remove(answered, :reviewer::text),
     lease = ${NEW_LEASE}, reviewer = :reviewer, lease_expires_ms = ${NOW} + :leaseMs::bigint,
     claims = claims + 1
   WHERE id = :id`,
);

const event = statement(
  'undo_event',
  `INSERT INTO events (id, at_ms, act, who) VALUES (:id, ${NOW}, 'undone', :reviewer)`,
);

const read = statement(
  'undo_read',
  `SELECT ${CLAIM_COLUMNS} FROM items i JOIN predictions p ON p.id = i.prediction_id WHERE i.id = :id`,
);

const exportedRow = z.object({ exported: z.boolean() });
const labelRows = z.array(z.object({ sealed: z.boolean() }));
const lockedRow = z.object({ exports: z.boolean(), answered: z.boolean() }).optional();

/**
 * Takes an opinion back. To be run in a transaction: the item's row is locked first, and all is decided
 * behind it.
 */
export async function undo(
  connection: Connection,
  id: string,
  request: UndoRequest,
  now: number | null,
): Promise<Claim | UndoRefusal> {
  const values = { id, ...request, now };
  const item = lockedRow.parse((await connection.run(lockItem, values)).rows[0]);
  if (item === undefined) return 'unknown_item';
  if (!item.answered) return 'nothing_to_undo';
  if (item.exports) {
    const labels = labelRows.parse((await connection.run(lockLabels, values)).rows);
    if (labels.some(({ sealed }) => sealed)) return 'label_exported';
  } else if (exportedRow.parse((await connection.run(isExported, values)).rows[0]).exported)
    return 'label_exported';
  await connection.run(removeOpinion, values);
  await connection.run(reopen, values);
  await connection.run(event, values);
  return claimed((await connection.run(read, values)).rows[0]);
}
