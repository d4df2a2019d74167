import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { openPool } from '../../../src/store/postgres/connection.ts';
import {
  migrate as migratePostgres,
  migrations as postgresSteps,
} from '../../../src/store/postgres/migrate.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { statement } from '../../../src/store/postgres/sql.ts';
import { migrate as migrateSqlite, migrations as sqliteSteps } from '../../../src/store/sqlite/migrate.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import type { PostgresServer } from '../../../support/postgres-server.ts';
import { temporaryFolder } from '../sqlite/temporary-file.ts';

/** A row by its columns. Arrays, objects and truth are written as the database has them. */
export type Row = Readonly<Record<string, unknown>>;

/** A database whose schema is an earlier release's. */
export interface OldDatabase {
  insert(table: string, row: Row): Promise<void>;
  update(table: 'items' | 'labels', id: string, row: Row): Promise<void>;
  /** Brings it forward to the latest schema and opens it, by a clock that stands. */
  upgrade(nowMs: number): Promise<Store>;
  remove(): Promise<void>;
}

/** Writes rows through a function that runs SQL with parameters as `:name`. */
function writing(
  run: (sql: string, row: Row) => void | Promise<void>,
): Pick<OldDatabase, 'insert' | 'update'> {
  return {
    insert: async (table, row) => {
      const columns = Object.keys(row);
      const values = columns.map((column) => `:${column}`);
      await run(`INSERT INTO ${table} (${columns.join()}) VALUES (${values.join()})`, row);
    },
    update: async (table, id, row) => {
      const changes = Object.keys(row).map((column) => `${column} = :${column}`);
      await run(`UPDATE ${table} SET ${changes.join()} WHERE id = :id`, { ...row, id });
    },
  };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isBytes = (value: unknown): boolean => value instanceof Uint8Array;

/** An SQLite file with the schema of release `version`, 1 for the first. */
export async function oldSqlite(version: number): Promise<OldDatabase> {
  const folder = await temporaryFolder();
  const file = join(folder, 'queue.db');
  const db = new SqliteDatabase(file);
  migrateSqlite(db, sqliteSteps().slice(0, version));
  const valueOf = (value: unknown): unknown => {
    if (typeof value === 'boolean') return Number(value);
    return isObject(value) && !isBytes(value) ? JSON.stringify(value) : value;
  };
  return {
    ...writing((sql, row) => {
      db.prepare(sql).run(Object.fromEntries(Object.entries(row).map(([k, value]) => [k, valueOf(value)])));
    }),
    upgrade: (nowMs) => {
      db.close();
      return openSqliteStore({ file, now: () => nowMs });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

/** A schema in PostgreSQL of release `version`, 1 for the first. */
export async function oldPostgres(server: PostgresServer, version: number): Promise<OldDatabase> {
  const { url, drop } = await server.createSchema();
  const database = openPool(url, 1);
  await migratePostgres(database, postgresSteps().slice(0, version));
  const valueOf = (value: unknown): unknown =>
    isObject(value) && !Array.isArray(value) && !isBytes(value) ? JSON.stringify(value) : value;
  return {
    ...writing(async (sql, row) => {
      const values = Object.fromEntries(Object.entries(row).map(([k, value]) => [k, valueOf(value)]));
      await database.run(statement('', sql), values);
    }),
    upgrade: async (nowMs) => {
      await database.close();
      return openPostgresStore({ url, poolSize: 4, now: () => nowMs });
    },
    remove: drop,
  };
}
