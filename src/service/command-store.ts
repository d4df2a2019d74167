/** What the commands that work on the database have in common: the option and the settings that name it. */
import type { HelpSection } from '../command-line/command.ts';
import { text } from '../command-line/options.ts';
import type { Store } from '../store/store.ts';
import { misspeltSettings, warningOf } from './misspelt-settings.ts';
import { openExistingStore } from './open-store.ts';
import { describeSettings, type GivenOptions, readSettings, type Settings } from './settings.ts';

export const databaseOptions = {
  'data-dir': text({
    value: 'folder',
    description: 'folder of the SQLite database; wins over DATA_DIR',
    shownDefault: './data',
  }),
} as const;

export interface DatabaseValues {
  readonly 'data-dir': string | undefined;
}

const NAMES: ReadonlySet<string> = new Set(['DATA_DIR', 'DATABASE_URL', 'KEEP_METADATA']);

/** Which variables name the database. */
export const databaseHelp: readonly HelpSection[] = [
  {
    title: 'Environment',
    rows: describeSettings()
      .filter(({ name }) => NAMES.has(name))
      .map(({ name, description }) => [name, description]),
  },
];

/**
 * The settings of a command that works on the database. A misspelt variable is named on standard error.
 *
 * @throws SettingsError
 */
export function readDatabaseSettings({ 'data-dir': folder }: DatabaseValues): Settings {
  const options: GivenOptions =
    folder === undefined ? {} : { DATA_DIR: { option: '--data-dir', value: folder } };
  const settings = readSettings(process.env, options);
  if (folder !== undefined && settings.DATABASE_URL !== undefined) {
    process.stderr.write(
      'warning: --data-dir names an SQLite database and is not used: DATABASE_URL names one of PostgreSQL\n',
    );
  }
  for (const misspelt of misspeltSettings(process.env))
    process.stderr.write(`warning: ${warningOf(misspelt)}\n`);
  return settings;
}

/**
 * What `work` does with the database that is there, which is closed afterwards.
 *
 * @throws SettingsError, OpenStoreError
 */
export async function withExistingStore<T>(
  values: DatabaseValues,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openExistingStore(readDatabaseSettings(values));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
