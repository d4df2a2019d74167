import type { Database } from 'better-sqlite3';

/** The oldest of items_with_old_image, so that what was deleted before is never walked over again. */
export const OLD_IMAGES = `
  SELECT id, prediction_id FROM items
  WHERE has_image = 1 AND outcome IN ('labelled', 'discarded') AND decided_ms < :before
  ORDER BY decided_ms, id LIMIT :count`;

/** Deletes the images of items, and notes it once for each; returns of how many it was not noted before. */
export function prepareForgetImages(db: Database) {
  const remove = db.prepare<[string]>(
    'DELETE FROM images WHERE id = (SELECT prediction_id FROM items WHERE id = ?)',
  );
  const note = db.prepare<[string]>('UPDATE items SET has_image = 0 WHERE id = ? AND has_image = 1');
  const append = db.prepare<[string, number]>(
    `INSERT INTO events (id, at_ms, act) VALUES (?, ?, 'image_deleted')`,
  );
  return (ids: readonly string[], now: number): number => {
    let noted = 0;
    for (const id of ids) {
      remove.run(id);
      if (note.run(id).changes === 0) continue;
      append.run(id, now);
      noted++;
    }
    return noted;
  };
}
