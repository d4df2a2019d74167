import SqliteDatabase, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import type { QueueStatistics } from '../figures.ts';
import { latestVersion, readSchemaVersion } from './schema-version.ts';
import { STATISTICS } from './figures.ts';

/** What a backup holds. */
export interface BackupCounts {
  readonly predictions: number;
  readonly images: number;
  /** Null where the schema is older, and says it in another way. */
  readonly rest: { readonly items: QueueStatistics['items']; readonly labels: number } | null;
  readonly schemaVersion: number;
}

/**
 * All pages in one step: a step that others' writes interrupt begins again, so that many small ones might
 * never end.
 */
const ALL_PAGES = 0x7fffffff;

/**
 * Copies a database, which others may be writing to meanwhile, into a new file as it was at one moment, and
 * checks the copy.
 *
 * @param from A database of this program.
 * @param to A file that is not there; what is left of it after an error is worth nothing.
 * @throws Error where the copy does not hold
 */
export async function copyDatabase(from: string, to: string, now: number): Promise<BackupCounts> {
  const source = new SqliteDatabase(from, { fileMustExist: true });
  try {
    await source.backup(to, { progress: () => ALL_PAGES });
  } finally {
    source.close();
  }
  const version = readSchemaVersion(to);
  if (typeof version === 'string' || version > latestVersion())
    throw new Error(`expected the copy to have schema version ${latestVersion()} at most, got ${version}`);
  const copy = new SqliteDatabase(to, { fileMustExist: true });
  try {
    // One file, with no log beside it that would have to be copied too. A service that opens it turns this
    // back.
    copy.pragma('journal_mode = DELETE');
    const problems = z.array(z.object({ integrity_check: z.string() })).parse(copy.pragma('integrity_check'));
    if (problems.length !== 1 || problems[0]?.integrity_check !== 'ok')
      throw new Error(
        `the copy is damaged: ${problems.map((problem) => problem.integrity_check).join('; ')}`,
      );
    return countsOf(copy, version, now);
  } finally {
    copy.close();
  }
}

function countsOf(db: Database, schemaVersion: number, now: number): BackupCounts {
  const count = (table: string): number =>
    z.number().parse(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  return {
    predictions: count('predictions'),
    images: count('images'),
    rest: schemaVersion < latestVersion() ? null : { items: itemsOf(db, now), labels: count('labels') },
    schemaVersion,
  };
}

const statisticsRow = z.object({
  items: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  disputed: z.number(),
  claimed: z.number(),
});

function itemsOf(db: Database, now: number): QueueStatistics['items'] {
  const { items, ...counted } = statisticsRow.parse(db.prepare(STATISTICS).get({ now }));
  const { labelled, discarded, disputed, claimed } = counted;
  return { pending: items - labelled - discarded - disputed - claimed, ...counted };
}
