import type { Database } from 'better-sqlite3';
import type { ExportedLabel } from '../labels.ts';
import { exportedLabels, LABEL_COLUMNS } from '../shared/labels.ts';
import { dialect } from './dialect.ts';

/** Numbers final labels that have no place yet, from labels_without_place, behind the last place given. */
export const SEAL = `
  UPDATE labels SET place = max((SELECT coalesce(max(place), 0) FROM labels), (SELECT highest FROM deleted_places))
      + waiting.n,
    exported_ms = :now
  FROM (
    SELECT id AS waiting_id, row_number() OVER (ORDER BY decided_ms, id) AS n
    FROM (SELECT id, decided_ms FROM labels WHERE place IS NULL ORDER BY decided_ms, id LIMIT :count)
  ) waiting
  WHERE labels.id = waiting_id`;

/** A range of labels_by_place, and look-ups by primary key. */
export const READ = `
  SELECT ${LABEL_COLUMNS},
    (SELECT json_group_array(reviewer) FROM
      (SELECT reviewer FROM opinions o
       WHERE o.id = i.id AND o.label = i.label ORDER BY given_ms, reviewer)) AS reviewers
  FROM labels l CROSS JOIN predictions p ON p.id = l.id LEFT JOIN items i ON i.id = l.id
  WHERE l.place > :after ORDER BY l.place LIMIT :count`;

const labelsOf = exportedLabels(dialect);

/**
 * Reads up to `count` final labels behind the place `after`; in one transaction it first gives places to as
 * many.
 */
export function prepareExport(db: Database) {
  const read = db.prepare(READ);
  const seal = db.prepare(SEAL);
  return (after: number, count: number, now: number): ExportedLabel[] => {
    const sealed = read.all({ after, count });
    if (sealed.length === count) return labelsOf(sealed);
    seal.run({ count: count - sealed.length, now });
    return labelsOf(read.all({ after, count }));
  };
}
