import type { Database } from 'better-sqlite3';
import type { ExportedLabel, Sealed } from '../labels.ts';
import {
  exportedLabels,
  LABEL_COLUMNS,
  labelTables,
  LAST_PLACE,
  sealedAct,
  sealedOf,
} from '../shared/labels.ts';
import type { ServiceEvent } from '../trail.ts';
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
       WHERE o.id = i.id AND o.label IS i.label AND o.finding IS i.finding ORDER BY given_ms, reviewer)) AS reviewers
  FROM labels l ${labelTables(dialect.inOrder)}
  WHERE l.place > :after ORDER BY l.place LIMIT :count`;

const labelsOf = exportedLabels(dialect);

/** Seals and reads labels; `recordAct` writes into the audit trail, in the same transaction. */
export function prepareExport(db: Database, recordAct: (event: ServiceEvent, now: number) => void) {
  const read = db.prepare(READ);
  const seal = db.prepare(SEAL);
  const last = db.prepare(LAST_PLACE);
  return {
    /** Gives up to `count` final labels their places. */
    seal: (who: string, count: number, now: number): Sealed => {
      const { changes } = seal.run({ count, now });
      const sealed = sealedOf(changes, last.get());
      if (changes > 0) recordAct(sealedAct(who, sealed), now);
      return sealed;
    },
    /** Reads up to `count` sealed labels behind the place `after`. */
    read: (after: number, count: number): ExportedLabel[] => labelsOf(read.all({ after, count })),
  };
}
