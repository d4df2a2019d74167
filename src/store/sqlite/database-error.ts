import SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../store-error.ts';

/**
 * Result codes after which the same request may succeed: no room, a file that cannot be read, written or
 * opened for the moment, and another process that holds the lock for longer than is waited.
 */
const PASSING = /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN|LOCKED|PROTOCOL)(_|$)/;

/** The error that the queue's caller gets: `database_unavailable` for what passes, itself for a bug. */
export function queueError(error: unknown): unknown {
  if (!(error instanceof SqliteDatabase.SqliteError) || !PASSING.test(error.code)) return error;
  const unavailable = new StoreError(
    'database_unavailable',
    'the database cannot read or write its file, perhaps because the disk is full; nothing is lost that ' +
      'was acknowledged. Try again.',
  );
  unavailable.cause = error;
  return unavailable;
}
