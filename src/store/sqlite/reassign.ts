import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Reassignment, ReassignOutcome } from '../reviewing.ts';
import type { AppendEvent } from './history.ts';

const STANDING = `
  SELECT outcome,
    EXISTS (SELECT 1 FROM opinions WHERE opinions.id = items.id AND opinions.reviewer = :to) AS answered
  FROM items WHERE id = :id`;

/** A disputed item is settled by the next answer; once it was disputed it stays so. */
const REASSIGN = `
  UPDATE items
  SET settles = settles OR outcome = 'disputed', outcome = 'open', decided_by = NULL, decided_ms = NULL,
    note = NULL,
    assigned_to = :to, lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

const standingRow = z.object({ outcome: z.string(), answered: z.number() }).optional();

/** Takes an item from its holder, for a named person or for anyone. */
export function prepareReassign(db: Database, append: AppendEvent) {
  const standing = db.prepare(STANDING);
  const reassign = db.prepare(REASSIGN);
  return (id: string, { by, to }: Reassignment, now: number): ReassignOutcome => {
    const item = standingRow.parse(standing.get({ id, to }));
    if (item === undefined) return 'unknown_item';
    if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
    if (item.answered === 1) return 'already_answered';
    reassign.run({ id, to });
    append(id, now, 'reassigned', by, to);
    return 'done';
  };
}
