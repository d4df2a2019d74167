import type { Database } from 'better-sqlite3';
import type { DeleteReason } from '../forgetting.ts';
import { forgottenUntil } from '../shared/find.ts';
import { dialect } from './dialect.ts';
import type { AppendEvent } from './history.ts';

/** What is written down of a prediction that goes, then what goes with it, as every reference allows. */
const DELETIONS = [
  `UPDATE deleted_places SET highest = max(highest, place)
   FROM (SELECT place FROM labels WHERE id = ? AND place IS NOT NULL)`,
  `UPDATE totals SET items = items - 1, labelled = labelled - (outcome = 'labelled'),
     discarded = discarded - (outcome = 'discarded'), disputed = disputed - (outcome = 'disputed')
   FROM (SELECT outcome FROM items WHERE id = ?)`,
  'DELETE FROM labels WHERE id = ?',
  'DELETE FROM opinions WHERE id = ?',
  'DELETE FROM skips WHERE id = ?',
  'DELETE FROM item_reasons WHERE id = ?',
  'DELETE FROM items WHERE id = ?',
  'DELETE FROM images WHERE id = ?',
  'DELETE FROM predictions WHERE id = ?',
  'UPDATE events SET detail = NULL WHERE id = ? AND detail IS NOT NULL',
];

const OF_REQUEST = 'EXISTS (SELECT 1 FROM json_each(idempotency_keys.ids) WHERE value = :id)';

/** Deletes records in the caller's transaction; returns the ids of those that were there. */
export function prepareForget(db: Database, append: AppendEvent) {
  const present = db.prepare<[string]>('SELECT 1 FROM predictions WHERE id = ?');
  const deletions = DELETIONS.map((sql) => db.prepare<[string]>(sql));
  const known = forgottenUntil(dialect);
  // Nothing of what was sent stays, and a repeat of the request is told so.
  const blank = db.prepare(
    `UPDATE idempotency_keys SET fingerprint = '' WHERE recorded_ms > ${known} AND ${OF_REQUEST}`,
  );
  const drop = db.prepare(`DELETE FROM idempotency_keys WHERE recorded_ms <= ${known} AND ${OF_REQUEST}`);

  return (ids: readonly string[], reason: DeleteReason, now: number): string[] => {
    const gone: string[] = [];
    for (const id of ids) {
      if (present.get(id) === undefined) continue;
      for (const deletion of deletions) deletion.run(id);
      if (reason.act === 'forgotten') {
        blank.run({ id, now });
        drop.run({ id, now });
        append(id, now, 'forgotten', reason.who);
      }
      gone.push(id);
    }
    return gone;
  };
}
