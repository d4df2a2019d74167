import { existsSync } from 'node:fs';
import { link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type BackupCounts, copyDatabase } from '../store/sqlite/backup.ts';
import { OpenStoreError } from './open-store-error.ts';
import { requireSqliteToCopy } from './open-store.ts';

export interface BackupOptions {
  /** SQLite file of the database. */
  readonly from: string;
  /** File that the backup becomes. */
  readonly to: string;
  /** Whether a file that is there may be replaced. */
  readonly replace: boolean;
}

/**
 * Copies the SQLite database to one file, which is checked, and then there whole or not at all. Services may
 * write to the database meanwhile: what is copied is what it held at one moment.
 *
 * @throws OpenStoreError for a database that is missing or not ours, and where the file is there already
 */
export async function backUp({ from, to, replace }: BackupOptions): Promise<BackupCounts> {
  requireSqliteToCopy(from);
  const whole = resolve(to);
  await refuseDatabase(from, whole);
  if (!replace && existsSync(whole)) throw isThere(whole);
  const part = `${whole}.${process.pid}.part`;
  try {
    const counts = await copyDatabase(from, part, Date.now());
    await sync(part);
    if (replace) await rename(part, whole);
    else await renameToNew(part, whole);
    await sync(dirname(whole));
    return counts;
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? isThere(whole) : error;
  } finally {
    for (const left of [part, `${part}-journal`, `${part}-wal`, `${part}-shm`])
      await rm(left, { force: true });
  }
}

/**
 * @throws OpenStoreError where the backup would be the database itself, under whatever name, or a file beside
 * it
 */
async function refuseDatabase(from: string, to: string): Promise<void> {
  const database = await stat(from);
  const target = await stat(to).catch(() => null);
  const isDatabase = target !== null && target.dev === database.dev && target.ino === database.ino;
  const folder = await realpath(dirname(to)).catch(() => dirname(to));
  const whole = join(folder, basename(to));
  const real = await realpath(from);
  if (!isDatabase && !['-wal', '-shm', '-journal', '.lock'].some((ending) => whole === real + ending)) return;
  throw new OpenStoreError(
    'backup_exists',
    `${to} belongs to the database that is to be copied: name another file, best on another disk`,
  );
}

/** Codes of file systems that have no hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Gives `part` the name `whole`, unless a file has it by now; a rename alone would replace that. */
async function renameToNew(part: string, whole: string): Promise<void> {
  try {
    await link(part, whole);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (existsSync(whole)) throw isThere(whole);
    await rename(part, whole);
  }
}

function isThere(file: string): OpenStoreError {
  return new OpenStoreError(
    'backup_exists',
    `${file} is there already: name another file, or replace it with --force`,
  );
}

/** Waits until the disk holds what was written to a file or folder. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
