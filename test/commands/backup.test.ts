import assert from 'node:assert/strict';
import { link, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { migrations } from '../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { imageOf, labelNext, prediction } from '../../support/store-fixture.ts';
import { filesUnder, runCommand } from './run-command.ts';
import { endServices, newDataDir, post, samples, startService } from './service.ts';
import { recordOne } from '../../support/record-one.ts';

after(endServices);

/** A database with three items, one of them labelled, and an automatic answer. */
async function filled(): Promise<string> {
  const folder = await newDataDir();
  const store = await openSqliteStore({ file: join(folder, 'sensigate.db') });
  for (const [i, id] of ['a', 'b', 'c'].entries()) await recordOne(store, prediction({ id }), imageOf(i));
  await recordOne(store, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
  await labelNext(store, 'ada', 'Bag');
  await store.close();
  return folder;
}

const backup = (folder: string, to: string, ...more: string[]) =>
  runCommand(['backup', '--to', to, ...more], { environment: { DATA_DIR: folder }, cwd: folder });

describe('sensigate backup', () => {
  it('writes one file, with all that the database holds, and says how much that is', async () => {
    const folder = await filled();
    const elsewhere = await newDataDir();
    const to = join(elsewhere, 'backup.db');
    const { code, out, err } = await backup(folder, to);
    assert.deepEqual([code, err], [0, '']);
    assert.equal(
      out,
      `${to}: 4 predictions, items: 2 pending, 1 labelled, 0 discarded, 0 disputed, 0 claimed; 3 images, 2 ` +
        `labels; checked\n`,
    );
    assert.deepEqual(filesUnder(elsewhere), ['.', './backup.db']);
    await rename(to, join(elsewhere, 'sensigate.db'));
    const restored = await openSqliteStore({ file: join(elsewhere, 'sensigate.db') });
    assert.notEqual(await restored.records.find('a'), null);
    assert.deepEqual([...(await restored.images.get('b'))!.bytes], [...imageOf(1).bytes]);
    await restored.close();
  });

  it('never replaces a file unless it is told to', async () => {
    const folder = await filled();
    const to = join(folder, 'backup.db');
    await writeFile(to, 'another');
    const refused = await backup(folder, to);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /backup\.db is there already: name another file, or replace it with --force/);
    assert.equal(await readFile(to, 'utf8'), 'another');
    assert.equal((await backup(folder, to, '--force')).code, 0);
    assert.ok((await readFile(to)).subarray(0, 15).equals(Buffer.from('SQLite format 3')));
  });

  it('never takes the place of the database itself, or of a file beside it', async () => {
    const folder = await filled();
    const database = join(folder, 'sensigate.db');
    await symlink(database, join(folder, 'other-name.db'));
    await link(database, join(folder, 'hard-link.db'));
    const before = await readFile(database);
    for (const name of ['sensigate.db', 'other-name.db', 'hard-link.db', 'sensigate.db-wal']) {
      const { code, err } = await backup(folder, join(folder, name), '--force');
      assert.equal(code, 1, name);
      assert.match(err, /belongs to the database that is to be copied: name another file/);
    }
    assert.deepEqual(await readFile(database), before);
  });

  it('leaves nothing where it fails, such as in a folder that is not there', async () => {
    const folder = await filled();
    const held = filesUnder(folder);
    const { code, err } = await backup(folder, join(folder, 'nowhere/backup.db'));
    assert.equal(code, 2);
    assert.match(err, /expected --to <file> in a folder, got .*backup\.db: there is no folder .*nowhere/);
    assert.deepEqual(filesUnder(folder), held);
  });

  it('takes every schema that there has been, as it is before an upgrade', async () => {
    for (const [i, steps] of migrations().entries()) {
      const folder = await newDataDir();
      const db = new SqliteDatabase(join(folder, 'sensigate.db'));
      for (const step of migrations().slice(0, i + 1)) db.exec(step);
      db.pragma(`user_version = ${i + 1}`);
      db.close();
      const to = join(folder, 'backup.db');
      const { code, out, err } = await backup(folder, to);
      assert.equal(code, 0, `${err} ${steps.slice(0, 80)}`);
      if (i + 1 < migrations().length)
        assert.match(out, new RegExp(`older schema version ${i + 1}; checked`));
      const copy = new SqliteDatabase(to, { readonly: true });
      assert.equal(copy.pragma('user_version', { simple: true }), i + 1);
      copy.close();
    }
  });

  it('refuses a schema of a later release', async () => {
    const folder = await filled();
    const db = new SqliteDatabase(join(folder, 'sensigate.db'));
    db.pragma('user_version = 99');
    db.close();
    const { code, err } = await backup(folder, join(folder, 'backup.db'));
    assert.equal(code, 1);
    assert.match(err, /schema version 99, this program's is \d+: run a newer release/);
  });

  it('runs beside a service that writes, and holds what had been acknowledged before', async () => {
    const folder = await newDataDir();
    const service = await startService({ DATA_DIR: folder, GATE_FILE: '/nowhere/gate.json' });
    const images = await samples(1);
    const acknowledged = await Promise.all(
      images.map(async ({ bytes }) => (await post(service, bytes)).body.id),
    );
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) await Promise.all(images.map(({ bytes }) => post(service, bytes)));
    })();
    const to = join(folder, 'backup.db');
    const { code, err } = await backup(folder, to);
    over.abort();
    await writing;
    assert.deepEqual([code, err], [0, '']);
    const copy = new SqliteDatabase(to, { readonly: true });
    const ids = copy.prepare('SELECT id FROM predictions').pluck().all();
    copy.close();
    for (const id of acknowledged) assert.ok(ids.includes(id), `${id} is not in the backup`);
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
  });
});
