import type { ExportedLabel, Sealed } from '../labels.ts';
import {
  exportedLabels,
  LABEL_COLUMNS,
  labelTables,
  LAST_PLACE,
  sealedAct,
  sealedOf,
} from '../shared/labels.ts';
import { recordAct } from './audit-trail.ts';
import type { Connection } from './connection.ts';
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
           WHERE o.id = i.id AND o.label IS NOT DISTINCT FROM i.label
             AND o.finding IS NOT DISTINCT FROM i.finding ORDER BY given_ms, reviewer)
       AS reviewers
   FROM (SELECT * FROM labels WHERE place > :after::bigint ORDER BY place LIMIT :count::int) l
   ${labelTables(dialect.inOrder)}
   ORDER BY l.place`,
);

const last = statement('export_last_place', LAST_PLACE);

const labelsOf = exportedLabels(dialect);

/** Gives up to `count` final labels their places, and writes that down. To be run in a transaction. */
export async function sealLabels(
  connection: Connection,
  who: string,
  count: number,
  now: number | null,
): Promise<Sealed> {
  await connection.run(lock, {});
  const { changed } = await connection.run(SEAL, { count, now });
  const sealed = sealedOf(changed, (await connection.run(last, {})).rows[0]);
  if (changed > 0) await recordAct(connection, sealedAct(who, sealed), now);
  return sealed;
}

/** Reads up to `count` sealed labels behind the place `after`. */
export async function readLabels(
  connection: Connection,
  after: number,
  count: number,
): Promise<ExportedLabel[]> {
  const { rows } = await connection.run(READ, { after, count });
  return labelsOf(rows);
}
