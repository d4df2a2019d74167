import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { type Database, openPool } from '../../../src/store/postgres/connection.ts';
import { migrate, MIGRATION_LOCK } from '../../../src/store/postgres/migrate.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { anyServer } from '../../../support/postgres-server.ts';

const server = await anyServer();
after(() => server.stop());

const plain = (text: string) => ({ name: '', text, parameters: [] });

async function openEmpty(t: TestContext): Promise<{ database: Database; url: string }> {
  const { url, drop } = await server.createSchema();
  const database = openPool(url, 2);
  t.after(async () => {
    await database.close();
    await drop();
  });
  return { database, url };
}

async function tablesOf(database: Database): Promise<string[]> {
  const { rows } = await database.run(
    plain('SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1'),
    {},
  );
  return (rows as { tablename: string }[]).map(({ tablename }) => tablename);
}

describe('migration of PostgreSQL', () => {
  it('waits for another replica longer than any other statement may take', async (t) => {
    const { database, url } = await openEmpty(t);
    const openLater = await database.transaction(async (connection) => {
      await connection.run(plain(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`), {});
      // What it waits for is an answer within the 15 s of all other statements, and it gets none.
      const opening = openPostgresStore({ url, poolSize: 1 });
      opening.catch(() => undefined);
      for (let second = 0; second < 17; second++) {
        await connection.run(plain('SELECT pg_sleep(1)'), {});
      }
      return { opening };
    });
    const queue = await openLater.opening;
    await queue.close();
  });

  it('brings a database forward from whichever step it has reached', async (t) => {
    const { database } = await openEmpty(t);
    const steps = ['CREATE TABLE a (n int)', 'CREATE TABLE b (n int)', 'CREATE TABLE c (n int)'];
    await migrate(database, steps.slice(0, 1));
    await migrate(database, steps);
    await migrate(database, steps);
    assert.deepEqual(await tablesOf(database), ['a', 'b', 'c', 'schema_version']);
  });

  it('leaves the database as it was when a step fails', async (t) => {
    const { database } = await openEmpty(t);
    await assert.rejects(
      migrate(database, ['CREATE TABLE a (n int)', 'CREATE TABLE a (n int)']),
      /already exists/,
    );
    assert.deepEqual(await tablesOf(database), []);
  });

  it('happens once when several replicas start at the same moment', async (t) => {
    const { url } = await openEmpty(t);
    const queues = await Promise.all(
      Array.from({ length: 6 }, () => openPostgresStore({ url, poolSize: 2 })),
    );
    for (const queue of queues) {
      assert.equal((await queue.figures.statistics()).items.pending, 0);
      await queue.close();
    }
  });

  it('refuses a database that a newer release has migrated', async (t) => {
    const { database, url } = await openEmpty(t);
    await migrate(database, []);
    await database.run(plain('UPDATE schema_version SET version = 1000'), {});
    await assert.rejects(
      openPostgresStore({ url }),
      (error) => error instanceof StoreError && error.code === 'newer_database' && /1000/.test(error.message),
    );
  });
});
