import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { HumanLabel, LeaseOutcome } from '../queue.ts';

/**
 * Found by primary key. The lease stays in the row: a repeat of the call shows it again, and is told apart by it
 * from someone whose lease had passed on. What follows from the label (totals, reasons, skips) is done by the
 * trigger item_labelled, so that no other way of writing a label can forget it.
 */
const LABEL = `
  UPDATE items SET label = :label, labelled_by = :reviewer, labelled_ms = :now, note = :note
  WHERE id = :id AND lease = :lease AND label IS NULL`;

const itemRow = z.object({ lease: z.string().nullable(), label: z.string().nullable() }).optional();

/** Records the final label, once. */
export function prepareLabel(db: Database) {
  const write = db.prepare<[HumanLabel & { id: string; lease: string; now: number }]>(LABEL);
  const read = db.prepare<[string]>('SELECT lease, label FROM items WHERE id = ?');
  return (id: string, lease: string, label: HumanLabel, now: number): LeaseOutcome => {
    if (write.run({ ...label, id, lease, now }).changes === 1) return 'done';
    const item = itemRow.parse(read.get(id));
    if (item === undefined) return 'unknown_item';
    return item.lease === lease && item.label === label.label ? 'done' : 'lease_lost';
  };
}
