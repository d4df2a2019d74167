import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { createGroupCommit, type GroupCommit } from '../../../src/store/sqlite/group-commit.ts';
import { temporaryFile } from './temporary-file.ts';

interface Numbers {
  readonly db: Database;
  readonly group: GroupCommit;
  readonly insert: (n: number) => number;
  readonly stored: () => unknown[];
}

async function openNumbers(t: TestContext): Promise<Numbers> {
  const db = openDatabase(await temporaryFile(t));
  t.after(() => db.close());
  db.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)');
  return {
    db,
    group: createGroupCommit(db),
    insert(n) {
      db.prepare('INSERT INTO numbers VALUES (?)').run(n);
      return n;
    },
    stored: () => db.prepare('SELECT n FROM numbers').pluck().all(),
  };
}

/** How many pages the write-ahead log holds: each transaction adds every page that it changed once. */
function pagesInLog(db: Database): number {
  const [state] = db.pragma('wal_checkpoint(PASSIVE)') as [{ readonly log: number }];
  return state.log;
}

describe('the group commit', () => {
  it('makes one transaction of what is asked for in one turn', async (t) => {
    const { db, group, insert } = await openNumbers(t);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const results = await Promise.all([1, 2, 3].map((n) => group.commit(() => insert(n))));
    assert.deepEqual(results, [1, 2, 3]);
    assert.equal(pagesInLog(db), 1);
  });

  it('still takes in what a few promises later is asked for in the same turn', async (t) => {
    const { db, group, insert } = await openNumbers(t);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const first = group.commit(() => insert(1));
    for (let i = 0; i < 10; i++) await Promise.resolve();
    await Promise.all([first, group.commit(() => insert(2))]);
    assert.equal(pagesInLog(db), 1);
  });

  it('makes the next transaction of what is asked for after it', async (t) => {
    const { db, group, insert } = await openNumbers(t);
    db.pragma('wal_checkpoint(TRUNCATE)');
    await group.commit(() => insert(1));
    await group.commit(() => insert(2));
    assert.equal(pagesInLog(db), 2);
  });

  it('undoes a write that throws, and none of its neighbours', async (t) => {
    const { group, insert, stored } = await openNumbers(t);
    const refused = new Error('refused half-way');
    const outcomes = await Promise.allSettled([
      group.commit(() => insert(1)),
      group.commit(() => {
        insert(2);
        throw refused;
      }),
      group.commit(() => insert(3)),
    ]);
    assert.deepEqual(outcomes, [
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: refused },
      { status: 'fulfilled', value: 3 },
    ]);
    assert.deepEqual(stored(), [1, 3]);
  });

  it('acknowledges none of them when the transaction is lost, as on a full disk', async (t) => {
    const { db, group, insert, stored } = await openNumbers(t);
    const outcomes = await Promise.allSettled([
      group.commit(() => insert(1)),
      group.commit(() => {
        db.exec('ROLLBACK');
        throw new Error('database or disk is full');
      }),
      group.commit(() => insert(3)),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.deepEqual(stored(), []);
  });

  it('goes on after a transaction that was lost', async (t) => {
    const { db, group, insert, stored } = await openNumbers(t);
    await assert.rejects(
      group.commit(() => {
        db.exec('ROLLBACK');
        throw new Error('database or disk is full');
      }),
    );
    await group.commit(() => insert(1));
    assert.deepEqual(stored(), [1]);
  });
});
