import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** The oldest of items_with_old_image, so that what was deleted before is never walked over again. */
export const OLD = `
  SELECT id FROM items
  WHERE has_image = 1 AND outcome IN ('labelled', 'discarded') AND decided_ms < :before
  ORDER BY decided_ms, id LIMIT :count`;

/** Deletes up to `count` images of items decided before a time; returns how many. */
export function prepareDeleteImages(db: Database) {
  const old = db.prepare<[{ before: number; count: number }]>(OLD).pluck();
  const remove = db.prepare<[string]>('DELETE FROM images WHERE id = ?');
  const note = db.prepare<[string]>('UPDATE items SET has_image = 0 WHERE id = ?');
  const append = db.prepare<[string, number]>(
    `INSERT INTO events (id, at_ms, act) VALUES (?, ?, 'image_deleted')`,
  );
  return (before: number, count: number, now: number): number => {
    const ids = z.array(z.string()).parse(old.all({ before, count }));
    for (const id of ids) {
      remove.run(id);
      note.run(id);
      append.run(id, now);
    }
    return ids.length;
  };
}
