import { z } from 'zod';
import type { DeleteReason, LeftItem } from '../forgetting.ts';
import { forgottenUntil } from '../shared/find.ts';
import { leftItems } from '../shared/forgetting.ts';
import type { Connection } from './connection.ts';
import { dialect } from './dialect.ts';
import { EXPORT_LOCK } from './export.ts';
import { NOW, statement } from './sql.ts';

const lockExport = statement('forget_export_lock', `SELECT pg_advisory_xact_lock(${EXPORT_LOCK})`);
/** Items before predictions, as whoever answers takes them. */
const lockItems = statement(
  'forget_lock_items',
  `SELECT id FROM items WHERE id IN (SELECT item_id FROM predictions WHERE id = ANY (:ids::text[]))
   ORDER BY id FOR UPDATE`,
);
const lockPredictions = statement(
  'forget_lock_predictions',
  'SELECT id FROM predictions WHERE id = ANY (:ids::text[]) ORDER BY id FOR UPDATE',
);

/** Items that are about no other prediction. */
const itemsThatGo = statement(
  'forget_items_that_go',
  `SELECT DISTINCT item_id AS id FROM predictions p
   WHERE id = ANY (:gone::text[]) AND item_id IS NOT NULL
     AND NOT EXISTS (
       SELECT 1 FROM predictions other WHERE other.item_id = p.item_id AND other.id <> ALL (:gone::text[]))`,
);

/** For the others: another prediction that the item is about, which then stands for it. */
const HEIRS = `
  SELECT i.id, i.prediction_id, min(p.id) AS heir
  FROM items i JOIN predictions p ON p.item_id = i.id AND p.id <> ALL (:gone::text[])
  WHERE i.prediction_id = ANY (:gone::text[]) GROUP BY i.id`;
const handOn = [
  statement(
    'forget_hand_on_images',
    `UPDATE images SET id = heirs.heir FROM (${HEIRS}) heirs WHERE images.id = heirs.prediction_id`,
  ),
  statement(
    'forget_hand_on_open_items',
    `INSERT INTO open_items
     SELECT caller, pg_backend_pid() % 32, sum(n) FROM (
       SELECT unnest(array[i.caller, p.caller]) AS caller, unnest(array[-1, 1]) AS n
       FROM (${HEIRS}) heirs JOIN items i ON i.id = heirs.id JOIN predictions p ON p.id = heirs.heir
       WHERE i.outcome = 'open' AND i.caller IS NOT NULL) moved
     GROUP BY caller
     ON CONFLICT (caller, part) DO UPDATE SET items = open_items.items + excluded.items`,
  ),
  statement(
    'forget_hand_on_items',
    `UPDATE items SET prediction_id = p.id, caller = CASE WHEN items.caller IS NOT NULL THEN p.caller END
     FROM (${HEIRS}) heirs JOIN predictions p ON p.id = heirs.heir WHERE items.id = heirs.id`,
  ),
];

const close = statement(
  'forget_close',
  `UPDATE items SET same_key = NULL
   WHERE id IN (SELECT item_id FROM predictions WHERE id = ANY (:ids::text[])) AND same_key IS NOT NULL`,
);
const findLeft = statement(
  'forget_left',
  `SELECT p.item_id AS id, bool_or(EXISTS (
     SELECT 1 FROM predictions other
     WHERE other.item_id = p.item_id AND other.id <> ALL (:ids::text[]))) AS stays
   FROM predictions p WHERE p.id = ANY (:ids::text[]) AND p.item_id IS NOT NULL GROUP BY p.item_id`,
);
const itemsOf = leftItems(dialect);

/** The items of these, which no further prediction joins from now on. To be run in a transaction. */
export async function leave(connection: Connection, ids: readonly string[]): Promise<readonly LeftItem[]> {
  await connection.run(close, { ids });
  return itemsOf((await connection.run(findLeft, { ids })).rows);
}

const keepPlace = statement(
  'forget_places',
  `UPDATE deleted_places SET highest = greatest(highest, gone.place)
   FROM (SELECT max(place) AS place FROM labels
         WHERE id = ANY (:gone::text[]) OR item_id = ANY (:items::text[])) gone
   WHERE one`,
);
const countDown = [
  statement(
    'forget_totals',
    `UPDATE totals SET items = totals.items - gone.items, labelled = totals.labelled - gone.labelled,
       discarded = totals.discarded - gone.discarded, disputed = totals.disputed - gone.disputed
     FROM (
       SELECT count(*) AS items, count(*) FILTER (WHERE outcome = 'labelled') AS labelled,
         count(*) FILTER (WHERE outcome = 'discarded') AS discarded,
         count(*) FILTER (WHERE outcome = 'disputed') AS disputed
       FROM items WHERE id = ANY (:items::text[])) gone
     WHERE part = pg_backend_pid() % 32`,
  ),
  statement(
    'forget_open_items',
    `INSERT INTO open_items
     SELECT caller, pg_backend_pid() % 32, -count(*) FROM items
     WHERE id = ANY (:items::text[]) AND outcome = 'open' AND caller IS NOT NULL GROUP BY caller
     ON CONFLICT (caller, part) DO UPDATE SET items = open_items.items + excluded.items`,
  ),
];

/** What goes with items and predictions, in an order that every reference allows. */
const DELETIONS = [
  statement(
    'forget_labels',
    'DELETE FROM labels WHERE id = ANY (:gone::text[]) OR item_id = ANY (:items::text[])',
  ),
  ...['opinions', 'skips', 'item_reasons', 'items'].map((table) =>
    statement(`forget_${table}`, `DELETE FROM ${table} WHERE id = ANY (:items::text[])`),
  ),
  ...['kept_images', 'images', 'predictions'].map((table) =>
    statement(`forget_${table}`, `DELETE FROM ${table} WHERE id = ANY (:gone::text[])`),
  ),
];

const silence = statement(
  'forget_details',
  'UPDATE events SET detail = NULL WHERE id = ANY (:items::text[]) AND detail IS NOT NULL',
);

const known = forgottenUntil(dialect);
/** Nothing of what was sent stays, and a repeat of the request is told so. */
const blankKeys = statement(
  'forget_blank_keys',
  `UPDATE idempotency_keys SET fingerprint = '' WHERE recorded_ms > ${known} AND ids && :gone::text[]`,
);
const dropKeys = statement(
  'forget_drop_keys',
  `DELETE FROM idempotency_keys WHERE recorded_ms <= ${known} AND ids && :gone::text[]`,
);
const note = statement(
  'forget_note',
  `INSERT INTO events (id, at_ms, act, who) SELECT id, ${NOW}, 'forgotten', :who FROM unnest(:gone::text[]) id`,
);

const idRows = z.array(z.object({ id: z.string() }));

/**
 * Deletes records in the caller's transaction; returns the ids of those that were there.
 *
 * The export's lock comes first: who gives places and who deletes labels would else wait for each other.
 */
export async function remove(
  connection: Connection,
  ids: readonly string[],
  reason: DeleteReason,
  now: number | null,
): Promise<string[]> {
  await connection.run(lockExport, {});
  await connection.run(lockItems, { ids });
  const gone = idRows.parse((await connection.run(lockPredictions, { ids })).rows).map(({ id }) => id);
  if (gone.length === 0) return gone;
  const items = idRows.parse((await connection.run(itemsThatGo, { gone })).rows).map(({ id }) => id);
  await connection.run(keepPlace, { gone, items });
  for (const change of handOn) await connection.run(change, { gone });
  for (const change of [...countDown, ...DELETIONS, silence]) await connection.run(change, { gone, items });
  if (reason.act === 'forgotten') {
    await connection.run(blankKeys, { gone, now });
    await connection.run(dropKeys, { gone, now });
    await connection.run(note, { gone, who: reason.who, now });
  }
  return gone;
}
