import SqliteDatabase, { type Database } from 'better-sqlite3';
import { type Overlaps, overlapOf } from '../opinions.ts';
import { isInReview, type PredictionRecord } from '../prediction-record.ts';
import type { OriginalImage } from '../records.ts';
import { itemTime } from '../shared/item-time.ts';
import { StoreError } from '../store-error.ts';

/**
 * Writes one record: a row of `predictions` and, where it is in review, of `items`, `item_reasons` and
 * `images`.
 *
 * Plain inserts, for the caller's transaction to hold together. The image goes last: it is the large one, and
 * whatever can be refused has been by then. What is not in review has its final label from the start, and its
 * image is kept later or not at all (keep.ts).
 *
 * @throws StoreError `duplicate_id`
 */
export function prepareRecord(db: Database, overlaps: Overlaps) {
  const insertPrediction = db.prepare(`
    INSERT INTO predictions
      (id, caller, item_id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
       inclusion_probability, predicted_label, priority, answer)
    VALUES
      (:id, :caller, :itemId, :createdMs, :inputHash, :modelDigest, :gateId, :decision, :reasons,
       :inclusionProbability, :predictedLabel, :priority, :answer)`);
  const insertItem = db.prepare(`
    INSERT INTO items
      (id, prediction_id, model_digest, rank, created_ms, caller, agree, most, has_image)
    VALUES
      (:id, :id, :modelDigest, -:priority, :itemMs, :caller, :agree, :most, :hasImage)`);
  const insertReasons = db.prepare(`
    INSERT INTO item_reasons (id, reason, rank, created_ms)
    SELECT DISTINCT :id, value, -:priority, :itemMs FROM json_each(:reasons)`);
  const insertImage = db.prepare('INSERT INTO images (id, content_type, bytes) VALUES (?, ?, ?)');
  const insertLabel = db.prepare('INSERT INTO labels (id, decided_ms) VALUES (:id, :createdMs)');

  return (prediction: PredictionRecord, image: OriginalImage): void => {
    const row = {
      ...prediction,
      itemId: isInReview(prediction) ? prediction.id : null,
      itemMs: itemTime(prediction.id, prediction.createdMs),
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
    if (isInReview(prediction)) {
      insertItem.run({
        ...row,
        ...overlapOf(prediction.reasons, overlaps),
        hasImage: image === null ? 0 : 1,
      });
      insertReasons.run(row);
      if (image !== null && image !== 'apart') insertImage.run(prediction.id, image.contentType, image.bytes);
    } else if (prediction.predictedLabel !== null) insertLabel.run(row);
  };
}
