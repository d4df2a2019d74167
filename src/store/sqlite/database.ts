import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { migrate } from './migrate.ts';

/**
 * How long a write waits for another process's transaction, which takes milliseconds; the thread stands
 * still.
 */
const busyTimeoutMs = 5_000;

/** Size that the write-ahead log is cut back to after a burst. */
const walLimitBytes = 64 * 1024 * 1024;

/**
 * A connection to `file`, which is created and migrated as needed.
 *
 * The file must be on a local disk: the write-ahead log coordinates processes through shared memory, which
 * network file systems do not give.
 */
export function openDatabase(file: string): Database {
  mkdirSync(dirname(file), { recursive: true });
  const db = new SqliteDatabase(file, { timeout: busyTimeoutMs });
  try {
    db.pragma('journal_mode = WAL');
    // In WAL mode anything below FULL syncs only at checkpoints, and a power cut takes acknowledged items
    // along.
    db.pragma('synchronous = FULL');
    // On macOS a plain fsync stops at the drive's cache; elsewhere these two do nothing.
    db.pragma('fullfsync = ON');
    db.pragma('checkpoint_fullfsync = ON');
    db.pragma(`journal_size_limit = ${walLimitBytes}`);
    // What is deleted is overwritten, and free pages have nothing left of it.
    db.pragma('secure_delete = ON');
    // Off while a migration makes a table anew that others refer to; it cannot be switched inside a
    // transaction.
    db.pragma('foreign_keys = OFF');
    migrate(db);
    db.pragma('foreign_keys = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
