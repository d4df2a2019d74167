import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Claim, UndoRefusal, UndoRequest } from '../reviewing.ts';
import { exportIsPast } from '../shared/labels.ts';
import { prepareReadClaim } from './claim.ts';
import type { AppendEvent } from './history.ts';

const STANDING = `
  SELECT own.given_ms IS NOT NULL AS answered,
    CASE WHEN outcome = 'labelled' OR items.finding = 'none_of_these'
      THEN EXISTS (SELECT 1 FROM labels WHERE labels.item_id = items.id AND place IS NOT NULL)
      ELSE ${exportIsPast('own')} END AS exported
  FROM items LEFT JOIN opinions own ON own.id = items.id AND own.reviewer = :reviewer
  WHERE items.id = :id`;

/**
 * The item is open again and the reviewer's. The trigger item_decided takes the label back from the export.
 */
const REOPEN = `
  UPDATE items
  SET outcome = 'open', label = NULL, finding = NULL, decided_by = NULL, decided_ms = NULL, note = NULL,
    lease = new_lease(), reviewer = :reviewer, lease_expires_ms = :now + :leaseMs, claims = claims + 1
  WHERE id = :id`;

const standingRow = z.object({ answered: z.number(), exported: z.number() }).optional();

/** Takes an opinion back; by primary keys throughout. */
export function prepareUndo(db: Database, append: AppendEvent) {
  const standing = db.prepare(STANDING);
  const remove = db.prepare('DELETE FROM opinions WHERE id = :id AND reviewer = :reviewer');
  const reopen = db.prepare(REOPEN);
  const read = prepareReadClaim(db);

  return (id: string, { reviewer, leaseMs }: UndoRequest, now: number): Claim | UndoRefusal => {
    const item = standingRow.parse(standing.get({ id, reviewer, now }));
    if (item === undefined) return 'unknown_item';
    if (item.answered === 0) return 'nothing_to_undo';
    if (item.exported === 1) return 'label_exported';
    remove.run({ id, reviewer });
    reopen.run({ id, reviewer, leaseMs, now });
    append(id, now, 'undone', reviewer);
    return read(id, now);
  };
}
