import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/** The oldest of items_with_old_image, so that what was deleted before is never walked over again. */
export const OLD_IMAGES = statement(
  'old_images',
  `SELECT id, prediction_id FROM items
   WHERE has_image AND outcome IN ('labelled', 'discarded') AND decided_ms < :before::bigint
   ORDER BY decided_ms, id LIMIT :count::int`,
);

/** Of two that delete at once the second waits, in the same order, and finds it done. */
const FORGET_IMAGES = statement(
  'forget_images',
  `WITH old AS MATERIALIZED (
     SELECT id, prediction_id FROM items WHERE id = ANY (:ids::text[]) AND has_image ORDER BY id FOR NO KEY UPDATE),
   image AS (DELETE FROM images USING old WHERE images.id = old.prediction_id),
   event AS (INSERT INTO events (id, at_ms, act) SELECT id, ${NOW}, 'image_deleted' FROM old)
   UPDATE items SET has_image = false FROM old WHERE items.id = old.id`,
);

/** Deletes the images of items, and notes it once for each; returns of how many it was not noted before. */
export async function forgetImages(
  connection: Connection,
  ids: readonly string[],
  now: number | null,
): Promise<number> {
  return (await connection.run(FORGET_IMAGES, { ids, now })).changed;
}
