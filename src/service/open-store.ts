import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cleanImage, givenImages, type KeepImage, wholeImage } from '../prediction/clean-image.ts';
import { openPostgresStore } from '../store/postgres/open.ts';
import * as postgres from '../store/postgres/schema-version.ts';
import { dumpCommand, nameOfServer, whyNotConnected } from '../store/postgres/server.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import * as sqlite from '../store/sqlite/schema-version.ts';
import type { Store } from '../store/store.ts';
import { OpenStoreError } from './open-store-error.ts';
import type { Settings } from './settings.ts';

/**
 * The settings that say which database: PostgreSQL where there is a `DATABASE_URL`, else SQLite in
 * `DATA_DIR`.
 */
type StoreSettings = Pick<
  Settings,
  'DATABASE_URL' | 'DATABASE_POOL' | 'OVERLAP' | 'MAX_OPEN_ITEMS' | 'DATA_DIR' | 'KEEP_METADATA'
>;

/** The SQLite file that the settings name. */
export function sqliteFile({ DATA_DIR }: Pick<Settings, 'DATA_DIR'>): string {
  return join(resolve(DATA_DIR), 'sensigate.db');
}

/** The command that copies the database to a file where that is PostgreSQL; null where it is SQLite. */
export function dumpCommandOf(
  { DATABASE_URL: url }: Pick<Settings, 'DATABASE_URL'>,
  file: string,
): string | null {
  return url === undefined ? null : dumpCommand(url, file);
}

/**
 * Opens the database, which is made where it is not there and brought forward where it is older.
 *
 * @throws OpenStoreError `not_connected`, `not_our_database`
 * @throws StoreError `newer_database`
 */
export async function openStore(settings: StoreSettings): Promise<Store> {
  const store = await openDatabase(settings);
  return { ...store, images: givenImages(store.images, keptImage(settings)) };
}

/** What is kept and given of an image. */
export function keptImage({ KEEP_METADATA }: Pick<Settings, 'KEEP_METADATA'>): KeepImage {
  return KEEP_METADATA ? wholeImage : cleanImage;
}

async function openDatabase(settings: StoreSettings): Promise<Store> {
  const { DATABASE_URL: url, DATABASE_POOL: poolSize, OVERLAP: overlaps, DATA_DIR } = settings;
  const maxOpenItems = settings.MAX_OPEN_ITEMS === 0 ? Infinity : settings.MAX_OPEN_ITEMS;
  const limits = { overlaps, maxOpenItems };
  if (url !== undefined) return connected(url, () => openPostgresStore({ url, poolSize, ...limits }));
  if (sqlite.readSchemaVersion(sqliteFile(settings)) === 'not_ours') throw notOurs(sqliteFile(settings));
  await mkdir(DATA_DIR, { recursive: true });
  return openSqliteStore({ file: sqliteFile(settings), ...limits });
}

/**
 * Opens the database for a command that only works on what is there: nothing is made, and nothing is brought
 * forward.
 *
 * @throws OpenStoreError
 */
export async function openExistingStore(settings: StoreSettings): Promise<Store> {
  const { DATABASE_URL: url } = settings;
  if (url === undefined) requireSqlite(sqliteFile(settings));
  else {
    const name = `PostgreSQL at ${nameOfServer(url)} (DATABASE_URL)`;
    requireSchema(
      name,
      await connected(url, () => postgres.readSchemaVersion(url)),
      postgres.latestVersion(),
    );
  }
  return openStore(settings);
}

/**
 * Makes sure that a file holds a database of this program, with this version's schema.
 *
 * @throws OpenStoreError
 */
export function requireSqlite(file: string): void {
  requireSchema(`${file} (DATA_DIR)`, sqlite.readSchemaVersion(file), sqlite.latestVersion());
}

/**
 * Makes sure that a file holds a database of this program, with this version's schema or an older one, which
 * is what a backup before an upgrade is taken of.
 *
 * @throws OpenStoreError
 */
export function requireSqliteToCopy(file: string): void {
  const version = sqlite.readSchemaVersion(file);
  const latest = sqlite.latestVersion();
  requireSchema(
    `${file} (DATA_DIR)`,
    typeof version === 'number' ? Math.max(version, latest) : version,
    latest,
  );
}

function requireSchema(
  name: string,
  version: number | 'missing' | 'empty' | 'not_ours',
  expected: number,
): void {
  if (version === 'missing')
    throw new OpenStoreError('missing_database', `expected a database at ${name}; there is none`);
  if (version === 'not_ours' || version === 'empty') throw notOurs(name);
  const versions = `${name} has schema version ${version}, this program's is ${expected}`;
  if (version < expected)
    throw new OpenStoreError('older_schema', `${versions}: run ./sensigate migrate first`);
  if (version > expected) throw new OpenStoreError('newer_schema', `${versions}: run a newer release`);
}

function notOurs(name: string): OpenStoreError {
  return new OpenStoreError('not_our_database', `expected a database of Sensigate at ${name}; it is none`);
}

/** What `work` comes to, or why there is no connection to the server. */
async function connected<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = whyNotConnected(url, error);
    if (why === null) throw error;
    throw new OpenStoreError('not_connected', `${why}. DATABASE_URL says which.`, {}, { cause: error });
  }
}
