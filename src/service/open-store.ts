import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './settings.ts';
import { openPostgresQueue } from '../store/postgres/open.ts';
import type { ReviewQueue } from '../store/queue.ts';
import { openSqliteQueue } from '../store/sqlite/open.ts';

/** Opens the queue that the settings name: PostgreSQL where there is a `DATABASE_URL`, else SQLite in `DATA_DIR`. */
export async function openReviews(config: Config): Promise<ReviewQueue> {
  const { DATABASE_URL: url, DATABASE_POOL: poolSize, OVERLAP: overlaps, DATA_DIR } = config;
  if (url !== undefined) return openPostgresQueue({ url, poolSize, overlaps });
  await mkdir(DATA_DIR, { recursive: true });
  return openSqliteQueue({ file: join(DATA_DIR, 'sensigate.db'), overlaps });
}
