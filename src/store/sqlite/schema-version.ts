import { existsSync } from 'node:fs';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { migrations } from './migrate.ts';

/** The schema version of a database that this program has brought forward. */
export function latestVersion(): number {
  return migrations().length;
}

/**
 * The schema version of the database in a file, which is only read: `missing` where there is no file,
 * `not_ours` where it holds something else.
 */
export function readSchemaVersion(file: string): number | 'missing' | 'empty' | 'not_ours' {
  if (!existsSync(file)) return 'missing';
  let db: Database | null = null;
  try {
    // Not as a reader alone: that would leave the files of its write-ahead log behind.
    db = new SqliteDatabase(file, { fileMustExist: true });
    const version = Number(db.pragma('user_version', { simple: true }));
    const ours = db
      .prepare(`SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('predictions', 'items')`)
      .pluck()
      .get();
    if (version > 0 && ours === 2) return version;
    // As a start leaves it that was ended before its first step.
    const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    return version === 0 && tables === 0 ? 'empty' : 'not_ours';
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError && error.code === 'SQLITE_NOTADB') return 'not_ours';
    throw error;
  } finally {
    db?.close();
  }
}
