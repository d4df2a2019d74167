import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Settlement, SettleOutcome } from '../reviewing.ts';
import type { AppendEvent } from './history.ts';

const STANDING = `
  SELECT outcome, EXISTS (SELECT 1 FROM opinions o WHERE o.id = items.id) AS answered,
    EXISTS (SELECT 1 FROM opinions o WHERE o.id = items.id AND o.reviewer = :by) AS own
  FROM items WHERE id = :id`;

const SETTLE = `
  UPDATE items
  SET outcome = iif(:label IS NULL, 'discarded', 'labelled'), label = :label, finding = :finding,
    decided_by = :by, decided_ms = :now, note = :note, assigned_to = NULL, settles = 1,
    lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

const standingRow = z.object({ outcome: z.string(), answered: z.number(), own: z.number() }).optional();

/** Has a lead decide an item that others have answered already, and not decided. */
export function prepareSettle(db: Database, append: AppendEvent) {
  const standing = db.prepare(STANDING);
  const insert = db.prepare(`
    INSERT INTO opinions (id, reviewer, label, finding, note, given_ms, lease, undecided)
    VALUES (:id, :by, :label, :finding, :note, :now, new_lease(), 0)`);
  const settle = db.prepare(SETTLE);
  return (id: string, { by, label, finding, note }: Settlement, now: number): SettleOutcome => {
    const item = standingRow.parse(standing.get({ id, by }));
    if (item === undefined) return 'unknown_item';
    if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
    if (item.own === 1) return 'already_answered';
    if (item.answered === 0) return 'nothing_to_settle';
    const values = { id, by, label, finding, note, now };
    insert.run(values);
    append(id, now, finding ?? 'labelled', by, label ?? note);
    settle.run(values);
    return 'done';
  };
}
