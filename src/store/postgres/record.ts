import { DatabaseError } from 'pg';
import { z } from 'zod';
import { overlapOf } from '../opinions.ts';
import { isInReview } from '../prediction-record.ts';
import type { ItemIds, Recording } from '../records.ts';
import { itemTime } from '../shared/item-time.ts';
import { type Placed, placeRecords, requireRoom, sameKeysOf } from '../shared/placing.ts';
import type { RecordLimits } from '../shared/record-limits.ts';
import { StoreError } from '../store-error.ts';
import type { Connection, Database } from './connection.ts';
import { statement } from './sql.ts';

const PREDICTION = `
  INSERT INTO predictions
    (id, caller, stream, item_id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
     inclusion_probability, predicted_label, priority, answer)
  VALUES
    (:id, :caller, :stream, :itemId, :createdMs, :inputHash, :modelDigest, :gateId, :decision, :reasons,
     :inclusionProbability, :predictedLabel, :priority, :answer)
  RETURNING *`;

const ITEM = `
  item AS (
    INSERT INTO items
      (id, prediction_id, stream, model_digest, rank, created_ms, caller, agree, most, same_key, has_image)
    SELECT id, id, stream, model_digest, -priority, :itemMs::bigint, caller, :agree::int, :most::int,
      :sameKey::text, :hasImage::boolean
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

/** What is of an item that is there: it comes no later than any of its predictions would. */
const recordJoined = statement(
  'record_joined',
  `WITH prediction AS (${PREDICTION}),
   raised AS (
     UPDATE items SET rank = -priority FROM prediction WHERE items.id = item_id AND rank > -priority)
   UPDATE item_reasons r SET rank = -priority FROM prediction p WHERE r.id = item_id AND rank > -priority`,
);

/**
 * Items that may be joined, by items_same. Nobody decides or deletes one while it is locked, and others may
 * join it at the same time.
 */
export const findSame = statement(
  'record_find_same',
  `SELECT id, same_key FROM items
   WHERE same_key = ANY (:keys::text[]) AND outcome IN ('open', 'disputed') AND has_image
   ORDER BY id FOR SHARE`,
);

/** Of those who would make an item of the same key one makes it, and the others wait, to find it then. */
const takeTurn = statement(
  'record_turn',
  `SELECT (SELECT coalesce(sum(items), 0)::float8 FROM open_items WHERE caller = :caller) AS open,
     (SELECT count(pg_advisory_xact_lock(hashtextextended(key, 0))) FROM unnest(:keys::text[]) key) AS locked`,
);

const sameRows = z.array(z.object({ id: z.string(), same_key: z.string() }));
const turnRow = z.object({ open: z.number() });

/**
 * Writes the records of a request: of each a row of `predictions` and, where it is in review, of `items`,
 * `item_reasons` and `images`, unless it is of an item that is there. The image of what is not in review is
 * kept later or not at all (keep.ts).
 *
 * @throws StoreError `duplicate_id`, `too_many_open_items`
 */
export async function record(
  database: Database,
  limits: RecordLimits,
  recordings: readonly Recording[],
): Promise<ItemIds> {
  const [first] = recordings;
  if (recordings.length === 1 && !isInReview(first!.prediction))
    return recordAll(database, limits, recordings);
  return database.transaction((connection) => recordAll(connection, limits, recordings));
}

/** The same inside the caller's transaction, which may be left out where nobody has to look. */
export async function recordAll(
  connection: Connection,
  limits: RecordLimits,
  recordings: readonly Recording[],
): Promise<ItemIds> {
  const placed = await place(connection, limits, recordings);
  for (const one of placed) await write(connection, limits, one);
  return placed.map(({ itemId }) => itemId);
}

async function place(
  connection: Connection,
  { maxOpenItems }: RecordLimits,
  recordings: readonly Recording[],
): Promise<Placed[]> {
  const open = new Map<string, string>();
  const find = async (keys: readonly string[]): Promise<void> => {
    if (keys.length === 0) return;
    const { rows } = await connection.run(findSame, { keys });
    for (const { id, same_key: key } of sameRows.parse(rows)) if (!open.has(key)) open.set(key, id);
  };
  const keys = sameKeysOf(recordings);
  await find(keys);
  const found = placeRecords(recordings, open);
  const [first] = found.filter(({ isNew }) => isNew);
  if (first === undefined) return found;
  const unknown = keys.filter((key) => !open.has(key));
  const { caller } = first.prediction;
  const turn = turnRow.parse((await connection.run(takeTurn, { keys: unknown, caller })).rows[0]);
  await find(unknown);
  const placed = placeRecords(recordings, open);
  requireRoom(placed, turn.open, maxOpenItems);
  return placed;
}

async function write(
  connection: Connection,
  { overlaps }: RecordLimits,
  { prediction, image, sameKey, itemId, isNew }: Placed,
): Promise<void> {
  const values = { ...prediction, itemId, answer: JSON.stringify(prediction.answer) };
  try {
    if (isNew) {
      const item = {
        ...overlapOf(prediction.reasons, overlaps),
        sameKey: image === null ? null : sameKey,
        hasImage: image !== null,
      };
      const bytes = image === 'apart' ? null : image;
      const itemMs = itemTime(prediction.id, prediction.createdMs);
      await connection.run(recordItem, { ...values, ...item, ...bytes, itemMs });
    } else await connection.run(itemId === null ? recordAuto : recordJoined, values);
  } catch (error) {
    if (error instanceof DatabaseError && error.constraint === 'predictions_pkey') {
      throw new StoreError('duplicate_id', `a prediction with id ${prediction.id} is recorded already`);
    }
    throw error;
  }
}
