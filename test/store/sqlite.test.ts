import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { describeReviewQueue } from './contract.ts';
import { by, holdOf, minuteMs, recordItems } from '../../support/store-fixture.ts';
import { temporaryFile, temporaryFolder } from './sqlite/temporary-file.ts';

describeReviewQueue('SQLite', async (clock, limits = {}) => {
  const folder = await temporaryFolder();
  return {
    open: () => openSqliteStore({ file: join(folder, 'queue.db'), ...limits, now: () => clock.ms }),
    remove: () => rm(folder, { recursive: true }),
  };
});

function rowsOf(file: string, sql: string): unknown[] {
  const db = new SqliteDatabase(file, { readonly: true });
  const rows = db.prepare(sql).raw().all();
  db.close();
  return rows;
}

describe('the SQLite queue', () => {
  it('creates the folder of its file', async (t) => {
    const queue = await openSqliteStore({ file: join(await temporaryFile(t), 'deeper', 'queue.db') });
    assert.equal((await queue.figures.statistics()).items.pending, 0);
    await queue.close();
  });

  it('gives leases the tokens of its source, one each', async (t) => {
    let tokens = 0;
    const queue = await openSqliteStore({
      file: await temporaryFile(t),
      newToken: () => `token-${++tokens}`,
    });
    await recordItems(queue, { a: 2, b: 1 });
    const claims = await queue.reviewing.claim(by('ada', 2, minuteMs));
    await queue.close();
    assert.deepEqual(claims.map((claim) => claim.lease).sort(), ['token-1', 'token-2']);
  });

  it('counts how often each item was claimed', async (t) => {
    const file = await temporaryFile(t);
    const queue = await openSqliteStore({ file });
    await recordItems(queue, { a: 2, b: 1 });
    for (let i = 0; i < 3; i++) {
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(claim!), 'release');
    }
    await queue.close();
    assert.deepEqual(rowsOf(file, 'SELECT id, claims FROM items ORDER BY id'), [
      ['a', 3],
      ['b', 0],
    ]);
  });

  it('forgets who skipped an item once it is labelled, so that claims never walk over it', async (t) => {
    const file = await temporaryFile(t);
    const queue = await openSqliteStore({ file });
    await recordItems(queue, { a: 2, b: 1 });
    for (const claim of await queue.reviewing.claim(by('ada', 2, minuteMs))) {
      await queue.reviewing.putBack(claim.prediction.id, holdOf(claim), 'skip');
    }
    const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
    await queue.reviewing.label('a', claim!.lease, { label: 'Bag', reviewer: 'ben', note: null });
    await queue.close();
    assert.deepEqual(rowsOf(file, 'SELECT id, reviewer FROM skips'), [['b', 'ada']]);
  });
});
