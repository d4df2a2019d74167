import { DatabaseError } from 'pg';
import { type Overlaps, overlapOf } from '../opinions.ts';
import { isInReview, type PredictionRecord } from '../prediction-record.ts';
import type { OriginalImage } from '../records.ts';
import { itemTime } from '../shared/item-time.ts';
import { StoreError } from '../store-error.ts';
import type { Connection } from './connection.ts';
import { statement } from './sql.ts';

const PREDICTION = `
  INSERT INTO predictions
    (id, caller, item_id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
     inclusion_probability, predicted_label, priority, answer)
  VALUES
    (:id, :caller, :itemId, :createdMs, :inputHash, :modelDigest, :gateId, :decision, :reasons,
     :inclusionProbability, :predictedLabel, :priority, :answer)
  RETURNING *`;

const ITEM = `
  item AS (
    INSERT INTO items
      (id, prediction_id, model_digest, rank, created_ms, caller, agree, most, has_image)
    SELECT id, id, model_digest, -priority, :itemMs::bigint, caller, :agree::int, :most::int, :hasImage::boolean
    FROM prediction),
  image AS (
    INSERT INTO images (id, content_type, bytes)
    SELECT id, :contentType::text, :bytes::bytea FROM prediction WHERE :bytes::bytea IS NOT NULL)
  INSERT INTO item_reasons (id, reason, rank, created_ms)
  SELECT DISTINCT id, unnest(reasons), -priority, :itemMs::bigint FROM prediction`;

/** One statement is one transaction and one way to the server and back. */
const recordItem = statement('record_item', `WITH prediction AS (${PREDICTION}), ${ITEM}`);

/** What is not in review has its final label from the start. */
const recordAuto = statement(
  'record_auto',
  `WITH prediction AS (${PREDICTION})
   INSERT INTO labels (id, decided_ms)
   SELECT id, created_ms FROM prediction WHERE predicted_label IS NOT NULL`,
);

/**
 * Writes one record: a row of `predictions` and, where it is in review, of `items`, `item_reasons` and
 * `images`. The image of what is not in review is kept later or not at all (keep.ts).
 *
 * @throws StoreError `duplicate_id`
 */
export async function record(
  connection: Connection,
  overlaps: Overlaps,
  prediction: PredictionRecord,
  image: OriginalImage,
): Promise<void> {
  const itemId = isInReview(prediction) ? prediction.id : null;
  const values = { ...prediction, itemId, answer: JSON.stringify(prediction.answer) };
  try {
    if (isInReview(prediction)) {
      const bytes = image === 'apart' ? null : image;
      const overlap = overlapOf(prediction.reasons, overlaps);
      const itemMs = itemTime(prediction.id, prediction.createdMs);
      await connection.run(recordItem, { ...values, ...bytes, ...overlap, itemMs, hasImage: image !== null });
    } else await connection.run(recordAuto, values);
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === 'predictions_pkey') {
      throw new StoreError('duplicate_id', `a prediction with id ${prediction.id} is recorded already`);
    }
    throw error;
  }
}
