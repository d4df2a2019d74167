import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { StoreError } from '../../../src/store/store-error.ts';
import { queueError } from '../../../src/store/sqlite/database-error.ts';
import { temporaryFile } from './temporary-file.ts';

/** The error that `act` ends in, on a database of at most four pages. */
async function errorOf(
  t: TestContext,
  act: (db: SqliteDatabase.Database, file: string) => void,
): Promise<unknown> {
  const file = await temporaryFile(t);
  const db = new SqliteDatabase(file, { timeout: 0 });
  t.after(() => db.close());
  db.pragma('max_page_count = 4');
  db.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY, bytes BLOB)');
  try {
    act(db, file);
  } catch (error) {
    return error;
  }
  return assert.fail('expected an error');
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

describe('an error of SQLite', () => {
  it('is database_unavailable where there is no room, with the error as its cause', async (t) => {
    const error = await errorOf(t, (db) => {
      db.prepare('INSERT INTO numbers (bytes) VALUES (zeroblob(100000))').run();
    });
    const told = queueError(error);
    assert.ok(isUnavailable(told));
    assert.equal((told as Error).cause, error);
  });

  it('is database_unavailable where another process holds the lock', async (t) => {
    const error = await errorOf(t, (db, file) => {
      const other = new SqliteDatabase(file);
      t.after(() => other.close());
      other.exec('BEGIN IMMEDIATE');
      db.exec('BEGIN IMMEDIATE');
    });
    assert.ok(isUnavailable(queueError(error)));
  });

  it('is database_unavailable where the file may only be read', async (t) => {
    const error = await errorOf(t, (_db, file) => {
      const reader = new SqliteDatabase(file, { readonly: true });
      t.after(() => reader.close());
      reader.exec('DELETE FROM numbers');
    });
    assert.ok(isUnavailable(queueError(error)));
  });

  it('is itself where it is a bug', async (t) => {
    const error = await errorOf(t, (db) => {
      db.exec('SELECT nothing FROM nowhere');
    });
    assert.equal(queueError(error), error);
  });
});
