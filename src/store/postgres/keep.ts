import { z } from 'zod';
import type { AuditEntry, KeptAnswer, Redraw } from '../keeping.ts';
import { type Overlaps, overlapOf } from '../opinions.ts';
import { itemTime } from '../shared/item-time.ts';
import type { Connection } from './connection.ts';
import { statement } from './sql.ts';

/**
 * Whoever forgets a prediction holds its row, and deletes what is kept of it then. One that has an item is
 * audited already.
 */
const keepOne = statement(
  'keep',
  `WITH prediction AS MATERIALIZED (
     SELECT id FROM predictions WHERE id = :id AND item_id IS NULL FOR NO KEY UPDATE),
   kept AS (
     INSERT INTO kept_images (id, kept_ms, bytes, inclusion_probability, due_ms)
     SELECT id, :keptMs, :size, :inclusionProbability, :dueMs FROM prediction
     ON CONFLICT (id) DO NOTHING RETURNING id),
   image AS (
     INSERT INTO images (id, content_type, bytes)
     SELECT id, :contentType::text, :bytes::bytea FROM kept WHERE :bytes::bytea IS NOT NULL)
   SELECT id FROM kept`,
);

/** `item_recorded` tells the prediction of its item. */
const enterOne = statement(
  'enter_audit',
  `WITH prediction AS MATERIALIZED (
     SELECT id, stream, model_digest FROM predictions WHERE id = :predictionId FOR NO KEY UPDATE),
   drawn AS (
     DELETE FROM kept_images k USING prediction WHERE k.id = prediction.id AND k.due_ms IS NOT NULL
     RETURNING k.id, k.bytes, k.inclusion_probability, prediction.stream, prediction.model_digest),
   item AS (
     INSERT INTO items
       (id, prediction_id, stream, model_digest, rank, created_ms, reasons, inclusion_probability, agree, most,
        has_image)
     SELECT :itemId, id, stream, model_digest, -:priority::float8, :itemMs::bigint, '{audit}',
       inclusion_probability, :agree::int, :most::int, bytes > 0
     FROM drawn RETURNING id, rank, created_ms)
   INSERT INTO item_reasons (id, reason, rank, created_ms) SELECT id, 'audit', rank, created_ms FROM item`,
);

const redrawOne = statement(
  'redraw',
  `WITH prediction AS (
     UPDATE predictions SET inclusion_probability = :to::float8
     WHERE id = :id::text AND inclusion_probability = :from::float8
       AND (EXISTS (SELECT 1 FROM kept_images WHERE id = :id::text)
         OR EXISTS (SELECT 1 FROM items WHERE prediction_id = :id::text AND inclusion_probability IS NOT NULL))
     RETURNING id),
   kept AS (
     UPDATE kept_images SET inclusion_probability = :to::float8, due_ms = coalesce(due_ms, :dueMs::bigint)
     FROM prediction WHERE kept_images.id = prediction.id),
   item AS (
     UPDATE items SET inclusion_probability = :to::float8
     FROM prediction WHERE items.prediction_id = prediction.id AND items.inclusion_probability IS NOT NULL)
   SELECT id FROM prediction`,
);

const dropSome = statement(
  'drop_kept',
  `WITH dropped AS (
     DELETE FROM kept_images WHERE id = ANY (:ids::text[]) AND due_ms IS NULL RETURNING id),
   gone AS (DELETE FROM images USING dropped WHERE images.id = dropped.id)
   SELECT id FROM dropped`,
);

const idRows = z.array(z.object({ id: z.string() }));

export async function keep(connection: Connection, answers: readonly KeptAnswer[]): Promise<string[]> {
  const kept: string[] = [];
  for (const { image, bytes: size, ...row } of answers) {
    const file = image === null || image === 'apart' ? { contentType: null, bytes: null } : image;
    const { rows } = await connection.run(keepOne, { ...row, size, ...file });
    for (const { id } of idRows.parse(rows)) kept.push(id);
  }
  return kept;
}

/** Each by itself, so that none is kept waiting by another's lock. */
export async function enter(
  connection: Connection,
  overlaps: Overlaps,
  entries: readonly AuditEntry[],
): Promise<number> {
  let entered = 0;
  for (const entry of entries) {
    const itemMs = itemTime(entry.itemId, entry.createdMs);
    const values = { ...entry, ...overlapOf(['audit'], overlaps), itemMs };
    const { changed } = await connection.run(enterOne, values);
    entered += changed;
  }
  return entered;
}

/** To be run in a transaction. */
export async function redraw(connection: Connection, draws: readonly Redraw[]): Promise<number> {
  let written = 0;
  for (const draw of draws) written += (await connection.run(redrawOne, { ...draw })).rows.length;
  return written;
}

export async function drop(connection: Connection, ids: readonly string[]): Promise<number> {
  return (await connection.run(dropSome, { ids })).rows.length;
}
