import { z } from 'zod';
import { openPool } from './connection.ts';
import { migrations } from './migrate.ts';

/** The schema version of a database that this program has brought forward. */
export function latestVersion(): number {
  return migrations().length;
}

const tableRow = z.object({ there: z.boolean() });
const versionRow = z.object({ version: z.number() });
const plain = (text: string) => ({ name: '', text, parameters: [] });

/**
 * The schema version of the database at a server, which is only read; `missing` where the schema is not
 * there.
 *
 * @throws StoreError `database_unavailable`, and what the server refuses
 */
export async function readSchemaVersion(url: string): Promise<number | 'missing'> {
  const database = openPool(url, 1);
  try {
    const found = await database.run(plain(`SELECT to_regclass('schema_version') IS NOT NULL AS there`), {});
    if (!tableRow.parse(found.rows[0]).there) return 'missing';
    const { rows } = await database.run(plain('SELECT version FROM schema_version'), {});
    return rows.length === 0 ? 'missing' : versionRow.parse(rows[0]).version;
  } finally {
    await database.close();
  }
}
