import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/**
 * The oldest of items_with_old_image, so that what was deleted before is never walked over again. Two that delete at
 * once share the work.
 */
export const DELETE_OLD = statement(
  'delete_images',
  `WITH old AS MATERIALIZED (
     SELECT id FROM items
     WHERE has_image AND outcome IN ('labelled', 'discarded') AND decided_ms < :before::bigint
     ORDER BY decided_ms, id LIMIT :count::int FOR NO KEY UPDATE SKIP LOCKED),
   image AS (DELETE FROM images USING old WHERE images.id = old.id),
   event AS (INSERT INTO events (id, at_ms, act) SELECT id, ${NOW}, 'image_deleted' FROM old)
   UPDATE items SET has_image = false FROM old WHERE items.id = old.id`,
);

/** Deletes up to `count` images of items decided before a time; returns how many. */
export async function deleteImages(
  connection: Connection,
  before: number,
  count: number,
  now: number | null,
): Promise<number> {
  return (await connection.run(DELETE_OLD, { before, count, now })).changed;
}
