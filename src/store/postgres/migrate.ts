import { z } from 'zod';
import { readMigrations } from '../shared/migrations.ts';
import { StoreError } from '../store-error.ts';
import type { Connection, Database } from './connection.ts';
import { statement } from './sql.ts';

/**
 * The steps of this program's schema. While a new release is rolled out its predecessor still runs on the new
 * schema, so a step may add, and a later release's may remove.
 *
 * Ids compare by bytes (COLLATE "C"), whatever locale the database has. Times are milliseconds since 1970.
 */
export function migrations(): readonly string[] {
  return readMigrations(new URL('migrations/', import.meta.url));
}

/** Any number that nothing else in the database locks: "sensigat" in ASCII, cut to 63 bits. */
export const MIGRATION_LOCK = '8316294088862130548';

const plain = (text: string) => ({ name: '', text, parameters: [] });
const setVersion = statement('', 'UPDATE schema_version SET version = :version::int');
const versionRow = z.object({ version: z.number() });

/**
 * Brings the database forward to this program's schema, in one transaction: all steps or none.
 *
 * Of several replicas that start at once one migrates, and the others wait for its lock and find nothing to
 * do. The lock is the transaction's, so that it goes with the replica that dies half-way.
 *
 * @throws StoreError `newer_database` where a later release has migrated it.
 */
export async function migrate(database: Database, steps = migrations()): Promise<void> {
  await database.transaction(async (connection) => {
    await connection.run(plain('SET LOCAL statement_timeout = 0'), {});
    await connection.run(plain('SET LOCAL lock_timeout = 0'), {});
    await connection.run(plain(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`), {});
    const version = await versionOf(connection);
    if (version > steps.length) {
      throw new StoreError(
        'newer_database',
        `the database has schema version ${version}, this program knows up to ${steps.length}: ` +
          'run a newer release',
      );
    }
    for (const step of steps.slice(version)) await connection.run(plain(step), {});
    if (version < steps.length) await connection.run(setVersion, { version: steps.length });
  });
}

async function versionOf(connection: Connection): Promise<number> {
  await connection.run(plain('CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL)'), {});
  const { rows } = await connection.run(plain('SELECT version FROM schema_version'), {});
  if (rows.length > 0) return versionRow.parse(rows[0]).version;
  await connection.run(plain('INSERT INTO schema_version VALUES (0)'), {});
  return 0;
}
