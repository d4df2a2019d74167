import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { StoreError } from '../../../src/store/store-error.ts';
import { migrate, migrations } from '../../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { by, idsOf, minuteMs, modelDigest, sealAndRead } from '../../../support/store-fixture.ts';
import { temporaryFile } from './temporary-file.ts';

async function openEmpty(t: TestContext): Promise<Database> {
  const db = new SqliteDatabase(await temporaryFile(t));
  t.after(() => db.close());
  return db;
}

function tablesOf(db: Database): unknown[] {
  return db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
}

describe('migration', () => {
  it('brings a file forward from whichever step it has reached', async (t) => {
    const db = await openEmpty(t);
    const steps = ['CREATE TABLE a (n)', 'CREATE TABLE b (n)', 'CREATE TABLE c (n)'];
    migrate(db, steps.slice(0, 1));
    migrate(db, steps);
    assert.equal(db.pragma('user_version', { simple: true }), 3);
    assert.deepEqual(tablesOf(db), ['a', 'b', 'c']);
  });

  it('does nothing to a file that is up to date', async (t) => {
    const db = await openEmpty(t);
    const steps = ['CREATE TABLE a (n)'];
    migrate(db, steps);
    migrate(db, steps);
    assert.deepEqual(tablesOf(db), ['a']);
  });

  it('leaves the file as it was when a step fails', async (t) => {
    const db = await openEmpty(t);
    assert.throws(() => {
      migrate(db, ['CREATE TABLE a (n)', 'CREATE TABLE a (n)']);
    }, /already exists/);
    assert.equal(db.pragma('user_version', { simple: true }), 0);
    assert.deepEqual(tablesOf(db), []);
  });

  it('keeps the items of the first release, and finds the model of each', async (t) => {
    const file = await temporaryFile(t);
    const db = new SqliteDatabase(file);
    migrate(db, migrations().slice(0, 1));
    const record = db.prepare(
      `INSERT INTO predictions VALUES (?, 0, '', ?, NULL, 'review', '[]', NULL, 1, '{}')`,
    );
    for (const [id, digest] of [
      ['a', modelDigest],
      ['b', 'sha256:another'],
    ]) {
      record.run(id, digest);
      db.prepare('INSERT INTO items (id, rank, created_ms) VALUES (?, -1, 0)').run(id);
    }
    db.close();
    const queue = await openSqliteStore({ file });
    t.after(() => queue.close());
    assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['a']);
    assert.equal((await queue.figures.statistics()).items.pending, 1);
  });

  it('keeps the labels of the first release, who gave them, and the machine’s', async (t) => {
    const file = await temporaryFile(t);
    const db = new SqliteDatabase(file);
    migrate(db, migrations().slice(0, 2));
    db.exec(`
      INSERT INTO predictions VALUES
        ('auto', 5, '', '${modelDigest}', NULL, 'auto', '[]', 'Bag', 1, '{}'),
        ('done', 6, '', '${modelDigest}', NULL, 'review', '["sensitive"]', 'Bag', 1, '{}');
      INSERT INTO items (id, model_digest, rank, created_ms) VALUES ('done', '${modelDigest}', -1, 6);
      INSERT INTO item_reasons (id, reason, rank, created_ms) VALUES ('done', 'sensitive', -1, 6);
      UPDATE items SET lease = 'token', reviewer = 'ada', lease_expires_ms = 9 WHERE id = 'done';
      UPDATE items SET label = 'Coat', labelled_by = 'ada', labelled_ms = 7 WHERE id = 'done'`);
    db.close();
    const queue = await openSqliteStore({ file });
    t.after(() => queue.close());
    assert.equal((await queue.figures.statistics()).items.labelled, 1);
    const again = { label: 'Coat', reviewer: 'ada', note: null };
    assert.equal(await queue.reviewing.label('done', 'token', again), 'done');
    assert.deepEqual(
      (await queue.items.history('done'))!.map(({ act }) => act),
      ['recorded', 'labelled'],
    );
    const labels = await sealAndRead(queue);
    assert.deepEqual(
      labels.map(({ id, label, source }) => [id, label, source]),
      [
        ['auto', 'Bag', 'machine'],
        ['done', 'Coat', 'human'],
      ],
    );
  });

  it('refuses a file that a newer release has migrated', async (t) => {
    const file = await temporaryFile(t);
    const newer = new SqliteDatabase(file);
    newer.pragma('user_version = 1000');
    newer.close();
    await assert.rejects(
      openSqliteStore({ file }),
      (error) => error instanceof StoreError && error.code === 'newer_database' && /1000/.test(error.message),
    );
  });
});
