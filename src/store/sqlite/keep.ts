import type { Database } from 'better-sqlite3';
import type { AuditEntry, KeptAnswer, Redraw } from '../keeping.ts';
import { type Overlaps, overlapOf } from '../opinions.ts';
import { itemTime } from '../shared/item-time.ts';

/** One that has an item is audited already. */
const KEEP = `
  INSERT OR IGNORE INTO kept_images (id, kept_ms, bytes, inclusion_probability, due_ms)
  SELECT id, :keptMs, :bytes, :inclusionProbability, :dueMs FROM predictions
  WHERE id = :id AND item_id IS NULL`;

const ENTER = `
  INSERT INTO items
    (id, prediction_id, stream, model_digest, rank, created_ms, reasons, inclusion_probability, agree, most,
     has_image)
  SELECT :itemId, p.id, p.stream, p.model_digest, -:priority, :itemMs, '["audit"]', k.inclusion_probability,
    :agree, :most, k.bytes > 0
  FROM kept_images k CROSS JOIN predictions p ON p.id = k.id
  WHERE k.id = :predictionId AND k.due_ms IS NOT NULL`;

/** What changes in the caller's transaction of the answers that are kept for a while. */
export function prepareKeep(db: Database, overlaps: Overlaps) {
  const insertKept = db.prepare(KEEP);
  const insertImage = db.prepare('INSERT INTO images (id, content_type, bytes) VALUES (?, ?, ?)');
  const insertItem = db.prepare(ENTER);
  const insertReason = db.prepare(
    `INSERT INTO item_reasons (id, reason, rank, created_ms)
     SELECT id, 'audit', rank, created_ms FROM items WHERE id = :itemId`,
  );
  const point = db.prepare('UPDATE predictions SET item_id = :itemId WHERE id = :predictionId');
  const leave = db.prepare('DELETE FROM kept_images WHERE id = :predictionId');
  const dropKept = db.prepare<[string]>('DELETE FROM kept_images WHERE id = ? AND due_ms IS NULL');
  const dropImage = db.prepare<[string]>('DELETE FROM images WHERE id = ?');
  const chance = db.prepare(`
    UPDATE predictions SET inclusion_probability = :to WHERE id = :id AND inclusion_probability = :from
      AND (EXISTS (SELECT 1 FROM kept_images WHERE id = :id)
        OR EXISTS (SELECT 1 FROM items WHERE prediction_id = :id AND inclusion_probability IS NOT NULL))`);
  const redrawKept = db.prepare(
    'UPDATE kept_images SET inclusion_probability = :to, due_ms = coalesce(due_ms, :dueMs) WHERE id = :id',
  );
  const redrawItem = db.prepare(
    `UPDATE items SET inclusion_probability = :to
     WHERE prediction_id = :id AND inclusion_probability IS NOT NULL`,
  );
  const overlap = overlapOf(['audit'], overlaps);

  return {
    keep: (answers: readonly KeptAnswer[]): string[] =>
      answers
        .filter(({ image, ...row }) => {
          if (insertKept.run(row).changes === 0) return false;
          if (image !== null && image !== 'apart') insertImage.run(row.id, image.contentType, image.bytes);
          return true;
        })
        .map(({ id }) => id),
    enter: (entries: readonly AuditEntry[]): number => {
      let entered = 0;
      for (const entry of entries) {
        if (
          insertItem.run({ ...entry, ...overlap, itemMs: itemTime(entry.itemId, entry.createdMs) })
            .changes === 0
        )
          continue;
        insertReason.run({ ...entry });
        point.run({ ...entry });
        leave.run({ ...entry });
        entered++;
      }
      return entered;
    },
    redraw: (draws: readonly Redraw[]): number =>
      draws.filter((draw) => {
        if (chance.run({ ...draw }).changes === 0) return false;
        redrawKept.run({ ...draw });
        redrawItem.run({ ...draw });
        return true;
      }).length,
    drop: (ids: readonly string[]): number => {
      let dropped = 0;
      for (const id of ids) {
        if (dropKept.run(id).changes === 0) continue;
        dropImage.run(id);
        dropped++;
      }
      return dropped;
    },
  };
}
