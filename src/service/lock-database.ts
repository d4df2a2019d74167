import { mkdir } from 'node:fs/promises';
import { takeServiceLock } from '../store/sqlite/service-lock.ts';
import { OpenStoreError } from './open-store-error.ts';
import { sqliteFile } from './open-store.ts';
import type { Releases } from './releases.ts';
import type { Settings } from './settings.ts';

/**
 * Makes this process the service of its SQLite file, until release. PostgreSQL is made to be shared, and
 * needs no lock.
 *
 * @throws OpenStoreError `database_in_use` where another service has it, unless SHARED_SQLITE says of both
 * that it is meant
 */
export async function lockDatabase(settings: Settings, releases: Releases): Promise<void> {
  const { DATABASE_URL, DATA_DIR, SHARED_SQLITE } = settings;
  if (DATABASE_URL !== undefined) return;
  await mkdir(DATA_DIR, { recursive: true });
  const file = sqliteFile(settings);
  const lock = takeServiceLock(file, SHARED_SQLITE);
  if (lock.outcome === 'taken') {
    releases.push(lock.release);
    return;
  }
  const { holder } = lock;
  if (SHARED_SQLITE && holder?.isShared !== false) return;
  const who =
    holder === null
      ? 'another service'
      : `the service with process id ${holder.pid}, since ${new Date(holder.sinceMs).toISOString()},`;
  const instead = SHARED_SQLITE
    ? 'It was started without SHARED_SQLITE=true, so that it counts on being alone: set that for it, too.'
    : 'Where several services are meant to share the file set SHARED_SQLITE=true for each.';
  throw new OpenStoreError(
    'database_in_use',
    `${who} runs on ${file}. Set DATA_DIR or --data-dir to another folder. ${instead}`,
  );
}
