import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './settings.ts';
import { openPostgresStore } from '../store/postgres/open.ts';
import type { Store } from '../store/store.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';

/** Opens the queue that the settings name: PostgreSQL where there is a `DATABASE_URL`, else SQLite in `DATA_DIR`. */
export async function openStore(config: Config): Promise<Store> {
  const { DATABASE_URL: url, DATABASE_POOL: poolSize, OVERLAP: overlaps, DATA_DIR } = config;
  if (url !== undefined) return openPostgresStore({ url, poolSize, overlaps });
  await mkdir(DATA_DIR, { recursive: true });
  return openSqliteStore({ file: join(DATA_DIR, 'sensigate.db'), overlaps });
}
