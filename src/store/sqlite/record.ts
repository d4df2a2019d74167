import SqliteDatabase, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import { overlapOf } from '../opinions.ts';
import type { ItemIds, Recording } from '../records.ts';
import { itemTime } from '../shared/item-time.ts';
import type { RecordLimits } from '../shared/record-limits.ts';
import { type Placed, placeRecords, requireRoom, sameKeysOf } from '../shared/placing.ts';
import { StoreError } from '../store-error.ts';

/** By items_same. */
export const SAME = `
  SELECT id FROM items WHERE same_key = :sameKey AND outcome IN ('open', 'disputed') AND has_image = 1
  ORDER BY id LIMIT 1`;

const idRow = z.object({ id: z.string() }).optional();
const openRow = z.object({ items: z.number() }).optional();

/**
 * Writes the records of a request: of each a row of `predictions` and, where it is in review, of `items`,
 * `item_reasons` and `images`, unless it is of an item that is there.
 *
 * Plain inserts, for the caller's transaction to hold together. The image goes last: it is the large one, and
 * whatever can be refused has been by then. What is not in review has its final label from the start, and its
 * image is kept later or not at all (keep.ts).
 *
 * @throws StoreError `duplicate_id`, `too_many_open_items`
 */
export function prepareRecord(db: Database, { overlaps, maxOpenItems }: RecordLimits) {
  const same = db.prepare(SAME);
  const openItems = db.prepare<[string]>('SELECT items FROM open_items WHERE caller = ?');
  const insertPrediction = db.prepare(`
    INSERT INTO predictions
      (id, caller, stream, item_id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
       inclusion_probability, predicted_label, priority, answer)
    VALUES
      (:id, :caller, :stream, :itemId, :createdMs, :inputHash, :modelDigest, :gateId, :decision, :reasons,
       :inclusionProbability, :predictedLabel, :priority, :answer)`);
  const insertItem = db.prepare(`
    INSERT INTO items
      (id, prediction_id, stream, model_digest, rank, created_ms, caller, agree, most, same_key, has_image)
    VALUES
      (:id, :id, :stream, :modelDigest, -:priority, :itemMs, :caller, :agree, :most, :sameKey, :hasImage)`);
  // It comes no later than any of its predictions would.
  const raise = ['items', 'item_reasons'].map((table) =>
    db.prepare(`UPDATE ${table} SET rank = -:priority WHERE id = :itemId AND rank > -:priority`),
  );
  const insertReasons = db.prepare(`
    INSERT INTO item_reasons (id, reason, rank, created_ms)
    SELECT DISTINCT :id, value, -:priority, :itemMs FROM json_each(:reasons)`);
  const insertImage = db.prepare('INSERT INTO images (id, content_type, bytes) VALUES (?, ?, ?)');
  const insertLabel = db.prepare('INSERT INTO labels (id, decided_ms) VALUES (:id, :createdMs)');

  const write = ({ prediction, image, sameKey, itemId, isNew }: Placed): void => {
    const row = {
      ...prediction,
      itemId,
      itemMs: itemTime(prediction.id, prediction.createdMs),
      sameKey: (image !== null && sameKey) || null,
      hasImage: image === null ? 0 : 1,
      reasons: JSON.stringify(prediction.reasons),
      answer: JSON.stringify(prediction.answer),
    };
    try {
      insertPrediction.run(row);
    } catch (error) {
      if (error instanceof SqliteDatabase.SqliteError && error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
        throw new StoreError('duplicate_id', `a prediction with id ${prediction.id} is recorded already`);
      }
      throw error;
    }
    if (isNew) {
      insertItem.run({ ...row, ...overlapOf(prediction.reasons, overlaps) });
      insertReasons.run(row);
      if (image !== null && image !== 'apart') insertImage.run(prediction.id, image.contentType, image.bytes);
    } else if (itemId !== null) {
      for (const change of raise) change.run(row);
    } else if (prediction.predictedLabel !== null) insertLabel.run(row);
  };

  return (recordings: readonly Recording[]): ItemIds => {
    const open = new Map<string, string>();
    for (const key of sameKeysOf(recordings)) {
      const item = idRow.parse(same.get({ sameKey: key }));
      if (item !== undefined) open.set(key, item.id);
    }
    const placed = placeRecords(recordings, open);
    const caller = placed[0]?.prediction.caller ?? '';
    requireRoom(placed, openRow.parse(openItems.get(caller))?.items ?? 0, maxOpenItems);
    for (const one of placed) write(one);
    return placed.map(({ itemId }) => itemId);
  };
}
