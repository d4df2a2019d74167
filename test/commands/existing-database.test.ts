import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { openPool } from '../../src/store/postgres/connection.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import { filesUnder, runCommand } from './run-command.ts';
import { newDataDir } from './service.ts';

/** The commands that work on what is there. */
const COMMANDS = [
  ['export', '--to', 'labels'],
  ['retain', '--older-than', '30d'],
  ['forget', '01KAR8Z5T3C7Q0W9V2N4M6B8XD'],
  ['backup', '--to', 'backup.db'],
] as const;

describe('migrate', () => {
  it('leaves the database of another program as it is', async () => {
    const cwd = await newDataDir();
    const file = join(cwd, 'sensigate.db');
    const db = new SqliteDatabase(file);
    db.exec('CREATE TABLE songs (name TEXT)');
    db.close();
    const { code, err } = await runCommand(['migrate'], { cwd, environment: { DATA_DIR: cwd } });
    assert.equal(code, 1);
    assert.match(err, /expected a database of Sensigate at .*sensigate\.db; it is none/);
    const again = new SqliteDatabase(file, { readonly: true });
    assert.deepEqual(again.prepare('SELECT name FROM sqlite_schema').pluck().all(), ['songs']);
    again.close();
  });

  it('takes an empty file, as a start leaves it that was ended at once', async () => {
    const cwd = await newDataDir();
    writeFileSync(join(cwd, 'sensigate.db'), '');
    const { code } = await runCommand(['migrate'], { cwd, environment: { DATA_DIR: cwd } });
    assert.equal(code, 0);
  });
});

describe('a command that works on the database that is there', () => {
  // A backup is taken of an older one, too.
  for (const args of COMMANDS.filter(([name]) => name !== 'backup')) {
    it(`${args[0]} refuses an older schema, and leaves it as it is`, async () => {
      const cwd = await newDataDir();
      const file = join(cwd, 'sensigate.db');
      await (await openSqliteStore({ file })).close();
      const db = new SqliteDatabase(file);
      db.pragma('user_version = 1');
      db.close();
      const { code, err } = await runCommand([...args], { cwd, environment: { DATA_DIR: cwd } });
      assert.equal(code, 1);
      assert.match(err, /has schema version 1, this program's is \d+: run \.\/sensigate migrate first/);
      const again = new SqliteDatabase(file, { readonly: true });
      assert.equal(again.pragma('user_version', { simple: true }), 1);
      again.close();
    });
  }

  for (const args of COMMANDS) {
    it(`${args[0]} says so where there is none, and makes nothing`, async () => {
      const cwd = await newDataDir();
      const missing = join(cwd, 'nowhere', 'data');
      for (const [given, environment] of [
        [[], { DATA_DIR: missing }],
        [['--data-dir', missing], {}],
      ] as const) {
        const { code, out, err } = await runCommand([...args, ...given], { cwd, environment });
        assert.deepEqual([code, out], [1, '']);
        assert.ok(
          err.includes(`expected a database at ${missing}/sensigate.db (DATA_DIR); there is none`),
          err,
        );
      }
      assert.deepEqual(filesUnder(cwd), ['.']);
    });

    it(`${args[0]} refuses what is not ours: another SQLite file, another file`, async () => {
      for (const write of [
        (file: string) => {
          const db = new SqliteDatabase(file);
          db.exec('CREATE TABLE songs (name TEXT)');
          db.close();
        },
        (file: string) => {
          writeFileSync(file, 'no database, but long enough to be looked at '.repeat(40));
        },
        (file: string) => {
          writeFileSync(file, '');
        },
      ]) {
        const cwd = await newDataDir();
        write(join(cwd, 'sensigate.db'));
        const { code, err } = await runCommand([...args], { cwd, environment: { DATA_DIR: cwd } });
        assert.equal(code, 1);
        assert.match(err, /expected a database of Sensigate at .*sensigate\.db \(DATA_DIR\); it is none/);
      }
    });
  }

  it('is told by name of a variable that it does not read', async () => {
    const cwd = await newDataDir();
    const { err } = await runCommand(['export', '--to', 'x'], {
      cwd,
      environment: { DATADIR: '/var/lib/x' },
    });
    assert.match(err, /^warning: the environment variable DATADIR is not read; if DATA_DIR is meant/m);
  });
});

describe('the same over PostgreSQL', () => {
  let server: OwnServer;
  before(async () => {
    server = await ownServer();
  });
  after(() => server.stop());

  it('say so where the schema is not there, and make none', async () => {
    const { url } = await server.createSchema();
    for (const args of COMMANDS.slice(0, 2)) {
      const cwd = await newDataDir();
      const { code, err } = await runCommand([...args], { cwd, environment: { DATABASE_URL: url } });
      assert.equal(code, 1);
      assert.match(
        err,
        /expected a database at PostgreSQL at 127\.0\.0\.1:\d+, .*\(DATABASE_URL\); there is none/,
      );
      assert.deepEqual(filesUnder(cwd), ['.']);
    }
    const database = openPool(url, 1);
    const tables = `SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema()`;
    assert.deepEqual((await database.run({ name: '', text: tables, parameters: [] }, {})).rows, []);
    await database.close();
  });

  it('refuse an older schema, and work once it is migrated', async () => {
    const { url } = await server.createSchema();
    const cwd = await newDataDir();
    const environment = { DATABASE_URL: url };
    assert.equal((await runCommand(['migrate'], { cwd, environment })).code, 0);
    const database = openPool(url, 1);
    await database.run({ name: '', text: 'UPDATE schema_version SET version = 1', parameters: [] }, {});
    const { code, err } = await runCommand(['export', '--to', 'labels'], { cwd, environment });
    assert.equal(code, 1);
    assert.match(err, /has schema version 1, .*run \.\/sensigate migrate first/);
    const { url: other } = await server.createSchema();
    assert.equal((await runCommand(['migrate'], { cwd, environment: { DATABASE_URL: other } })).code, 0);
    const exported = await runCommand(['export', '--to', 'labels'], {
      cwd,
      environment: { DATABASE_URL: other },
    });
    assert.deepEqual([exported.code, exported.out], [0, '0 labels added to labels\n']);
    await database.close();
  });

  it('say that --data-dir is not used where DATABASE_URL names the database', async () => {
    const environment = { DATABASE_URL: 'postgres://me:geheim@db.example/queue' };
    const { err } = await runCommand(['backup', '--to', 'x.dump', '--data-dir', 'here'], { environment });
    assert.match(err, /warning: --data-dir .* is not used: DATABASE_URL names one of PostgreSQL/);
  });

  it('backup prints the line of pg_dump without the password, and exits 2', async () => {
    const environment = { DATABASE_URL: 'postgres://me:geheim@db.example:6432/the%20queue' };
    const { code, out, err } = await runCommand(['backup', '--to', 'x.dump'], { environment });
    assert.equal(code, 2);
    assert.equal(
      out,
      'pg_dump --format=custom --file=x.dump --host=db.example --port=6432 --username=me ' +
        "--dbname='the queue'\n",
    );
    assert.doesNotMatch(out + err, /geheim/);
  });

  it('backup prints it encrypted as the database is reached', async () => {
    const DATABASE_URL =
      'postgres://me@h1,h2/queue?sslmode=verify-full&sslrootcert=/etc/the%20ca.crt&sslpassword=geheim';
    const { out, err } = await runCommand(['backup', '--to', 'x.dump'], { environment: { DATABASE_URL } });
    assert.match(out, /^PGSSLMODE=verify-full PGSSLROOTCERT='\/etc\/the ca\.crt' pg_dump .*--host=h1,h2 /);
    assert.doesNotMatch(out + err, /geheim/);
  });
});
