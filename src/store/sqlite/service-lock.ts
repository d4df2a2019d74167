/**
 * Keeps a second service from running on one SQLite file without anybody knowing.
 *
 * The lock is a small SQLite file beside the database, `sensigate.db.lock`, on which the service holds a
 * transaction open that takes the right to write. The kernel drops it with the process, also after kill -9,
 * so that no lock is ever left behind; the file stays, and means nothing by itself. Others can read from it
 * who holds it. Only services take it: the other commands run beside one.
 */
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { z } from 'zod';

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  /** Whether it says that others are meant to run beside it. */
  readonly isShared: boolean;
}

export type ServiceLock =
  | { readonly outcome: 'taken'; readonly release: () => void }
  /** `holder` is null where it could not be written down, as on a full disk. */
  | { readonly outcome: 'held'; readonly holder: LockHolder | null };

const holderRow = z.object({
  pid: z.number(),
  sinceMs: z.number(),
  isShared: z.number().transform((flag) => flag === 1),
});

/**
 * Takes the lock of a database for this process, or says who holds it.
 *
 * @param file Of the database; its folder must be there.
 * @param isShared Whether others may run beside this process.
 */
export function takeServiceLock(file: string, isShared = false): ServiceLock {
  // A lock that is held is not waited for.
  const db = new SqliteDatabase(`${file}.lock`, { timeout: 0 });
  try {
    // Others may lock between the two: then they are the service, and this process is not.
    if (begin(db)) {
      writeHolder(db, { pid: process.pid, sinceMs: Date.now(), isShared });
      if (begin(db)) return { outcome: 'taken', release: () => db.close() };
    }
  } catch (error) {
    db.close();
    throw error;
  }
  const holder = readHolder(db);
  db.close();
  return { outcome: 'held', holder };
}

/**
 * Takes the right to write, and holds it until the end of the transaction; false where another process has
 * it.
 */
function begin(db: Database): boolean {
  try {
    db.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

/** Ends the transaction, with this process written down as the holder where there is room for it. */
function writeHolder(db: Database, { pid, sinceMs, isShared }: LockHolder): void {
  try {
    // Of an earlier holder, which may have been of another release.
    db.exec('DROP TABLE IF EXISTS holder');
    db.exec('CREATE TABLE holder (pid INTEGER, since_ms INTEGER, is_shared INTEGER) STRICT');
    db.prepare('INSERT INTO holder VALUES (?, ?, ?)').run(pid, sinceMs, Number(isShared));
    db.exec('COMMIT');
  } catch {
    if (db.inTransaction) db.exec('ROLLBACK');
  }
}

/** Null, too, where an earlier holder stands there, because the present one found no room to write. */
function readHolder(db: Database): LockHolder | null {
  try {
    const row = db.prepare('SELECT pid, since_ms AS sinceMs, is_shared AS isShared FROM holder').get();
    const holder = holderRow.parse(row);
    return isAlive(holder.pid) ? holder : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
