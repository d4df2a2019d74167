import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPool } from '../src/store/postgres/connection.ts';
import { migrate } from '../src/store/postgres/migrate.ts';
import { openPostgresStore } from '../src/store/postgres/open.ts';
import type { Store } from '../src/store/store.ts';
import { openDatabase } from '../src/store/sqlite/database.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { fill as fillPostgres } from '../support/fill-postgres.ts';
import { ownServer } from '../support/postgres-server.ts';
import { fill as fillSqlite } from '../support/fill-sqlite.ts';

/** A queue of `items` waiting items, each commit of which waits for the disk. */
export interface FilledStore {
  readonly name: string;
  readonly queue: Store;
  /** Of PostgreSQL, empty but for the queue. */
  readonly url: string | null;
  readonly remove: () => Promise<void>;
}

export const CONNECTIONS = 10;

export async function sqliteStore(items: number): Promise<FilledStore> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-bench-'));
  const file = join(folder, 'queue.db');
  const db = openDatabase(file);
  fillSqlite(db, items);
  db.close();
  const queue = await openSqliteStore({ file });
  return {
    name: 'SQLite',
    queue,
    url: null,
    remove: async () => {
      await queue.close();
      await rm(folder, { recursive: true });
    },
  };
}

export async function postgresStore(items: number): Promise<FilledStore> {
  const server = await ownServer(true);
  const { url } = await server.createSchema();
  const database = openPool(url, 1, 600_000);
  await migrate(database);
  await fillPostgres(database, items);
  await database.close();
  const queue = await openPostgresStore({ url, poolSize: CONNECTIONS });
  return {
    name: 'PostgreSQL',
    queue,
    url,
    remove: async () => {
      await queue.close();
      await server.stop();
    },
  };
}
