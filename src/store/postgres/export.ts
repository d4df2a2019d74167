import type { ExportedLabel } from '../labels.ts';
import { exportedLabels, LABEL_COLUMNS } from '../shared/labels.ts';
import type { Connection, Database } from './connection.ts';
import { dialect } from './dialect.ts';
import { NOW, statement } from './sql.ts';

/** Not the lock of migrations, which a long export must not hold up. */
export const EXPORT_LOCK = '8316294088862130549';

const lock = statement('export_lock', `SELECT pg_advisory_xact_lock(${EXPORT_LOCK})`);

/**
 * Numbers final labels that have no place yet, from labels_without_place, behind the last place given. Run
 * behind the lock, in a statement of its own, so that it sees the places that the holder before has given.
 */
export const SEAL = statement(
  'export_seal',
  `UPDATE labels SET place = greatest((SELECT max(place) FROM labels WHERE place IS NOT NULL),
       (SELECT highest FROM deleted_places WHERE one)) + waiting.n,
     exported_ms = ${NOW}
   FROM (
     SELECT id, row_number() OVER (ORDER BY decided_ms, id) AS n
     FROM (SELECT id, decided_ms FROM labels WHERE place IS NULL
           ORDER BY decided_ms, id LIMIT :count::int FOR NO KEY UPDATE) unplaced
   ) waiting
   WHERE labels.id = waiting.id`,
);

/** A range of labels_by_place, and look-ups by primary key. */
export const READ = statement(
  'export_read',
  `SELECT ${LABEL_COLUMNS},
     array(SELECT reviewer FROM opinions o
           WHERE o.id = i.id AND o.label = i.label ORDER BY given_ms, reviewer)
       AS reviewers
   FROM (SELECT * FROM labels WHERE place > :after::bigint ORDER BY place LIMIT :count::int) l
   JOIN predictions p ON p.id = l.id LEFT JOIN items i ON i.id = l.id
   ORDER BY l.place`,
);

const labelsOf = exportedLabels(dialect);

/**
 * Reads up to `count` final labels behind the place `after`; where there are fewer it first gives places to
 * as many.
 */
export async function readLabels(
  database: Database,
  after: number,
  count: number,
  now: number | null,
): Promise<ExportedLabel[]> {
  const sealed = await read(database, after, count);
  if (sealed.length === count) return sealed;
  return database.transaction(async (connection) => {
    await connection.run(lock, {});
    // Others may have given places while the lock was waited for: no more than is read may become final.
    const missing = count - (await read(connection, after, count)).length;
    if (missing > 0) await connection.run(SEAL, { count: missing, now });
    return read(connection, after, count);
  });
}

async function read(connection: Connection, after: number, count: number): Promise<ExportedLabel[]> {
  const { rows } = await connection.run(READ, { after, count });
  return labelsOf(rows);
}
