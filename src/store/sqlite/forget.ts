import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { DeleteReason, LeftItem } from '../forgetting.ts';
import { forgottenUntil } from '../shared/find.ts';
import { leftItems } from '../shared/forgetting.ts';
import { dialect } from './dialect.ts';
import type { AppendEvent } from './history.ts';

/** The item of a prediction, and another prediction that it is about, which then stands for it. */
const STANDING = `
  SELECT p.item_id AS item,
    (SELECT min(id) FROM predictions other WHERE other.item_id = p.item_id AND other.id <> p.id) AS heir
  FROM predictions p WHERE p.id = ?`;

/** An item is about another prediction from here on, and shows the same pixels. */
const HAND_ON = [
  'UPDATE images SET id = :heir WHERE id = :id',
  `UPDATE open_items SET items = items - 1
   WHERE caller = (SELECT caller FROM items WHERE id = :item AND prediction_id = :id AND outcome = 'open')`,
  `INSERT INTO open_items (caller, items)
   SELECT p.caller, 1 FROM items i JOIN predictions p ON p.id = :heir
   WHERE i.id = :item AND i.prediction_id = :id AND i.outcome = 'open' AND i.caller IS NOT NULL
   ON CONFLICT (caller) DO UPDATE SET items = items + 1`,
  `UPDATE items SET prediction_id = :heir,
     caller = iif(caller IS NULL, NULL, (SELECT caller FROM predictions WHERE id = :heir))
   WHERE id = :item AND prediction_id = :id`,
];

const CLOSE = `
  UPDATE items SET same_key = NULL WHERE same_key IS NOT NULL
    AND id IN (SELECT item_id FROM predictions WHERE id IN (SELECT value FROM json_each(:ids)))`;

const LEFT = `
  SELECT p.item_id AS id, EXISTS (
    SELECT 1 FROM predictions other WHERE other.item_id = p.item_id
      AND other.id NOT IN (SELECT value FROM json_each(:ids))) AS stays
  FROM predictions p
  WHERE p.id IN (SELECT value FROM json_each(:ids)) AND p.item_id IS NOT NULL GROUP BY p.item_id`;

const itemsOf = leftItems(dialect);

/** The items of these, which no further prediction joins from now on. */
export function prepareLeave(db: Database) {
  const close = db.prepare(CLOSE);
  const left = db.prepare(LEFT);
  return (given: readonly string[]): readonly LeftItem[] => {
    const ids = JSON.stringify(given);
    close.run({ ids });
    return itemsOf(left.all({ ids }));
  };
}

const keepPlace = (labels: string): string => `
  UPDATE deleted_places SET highest = max(highest, gone.place)
  FROM (SELECT max(place) AS place FROM labels WHERE ${labels}) gone WHERE gone.place IS NOT NULL`;

/** What is written down of an item that goes, then what goes with it, as every reference allows. */
const ITEM_DELETIONS = [
  keepPlace('item_id = ?'),
  `UPDATE totals SET items = items - 1, labelled = labelled - (outcome = 'labelled'),
     discarded = discarded - (outcome = 'discarded'), disputed = disputed - (outcome = 'disputed')
   FROM (SELECT outcome FROM items WHERE id = ?)`,
  `UPDATE open_items SET items = items - 1
   WHERE caller = (SELECT caller FROM items WHERE id = ? AND outcome = 'open')`,
  'DELETE FROM labels WHERE item_id = ?',
  'DELETE FROM opinions WHERE id = ?',
  'DELETE FROM skips WHERE id = ?',
  'DELETE FROM item_reasons WHERE id = ?',
  'DELETE FROM items WHERE id = ?',
  'UPDATE events SET detail = NULL WHERE id = ? AND detail IS NOT NULL',
];

/** The same of a prediction, whose item goes first. */
const DELETIONS = [
  keepPlace('id = ?'),
  'DELETE FROM labels WHERE id = ?',
  'DELETE FROM kept_images WHERE id = ?',
  'DELETE FROM images WHERE id = ?',
  'DELETE FROM predictions WHERE id = ?',
];

const OF_REQUEST = 'EXISTS (SELECT 1 FROM json_each(idempotency_keys.ids) WHERE value = :id)';

const standingRow = z.object({ item: z.string().nullable(), heir: z.string().nullable() }).optional();

/** Deletes records in the caller's transaction; returns the ids of those that were there. */
export function prepareForget(db: Database, append: AppendEvent) {
  const standing = db.prepare<[string]>(STANDING);
  const handOn = HAND_ON.map((sql) => db.prepare(sql));
  const itemDeletions = ITEM_DELETIONS.map((sql) => db.prepare<[string]>(sql));
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
      const found = standingRow.parse(standing.get(id));
      if (found === undefined) continue;
      const { item, heir } = found;
      if (item !== null && heir === null) for (const deletion of itemDeletions) deletion.run(item);
      if (heir !== null) for (const change of handOn) change.run({ id, item, heir });
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
