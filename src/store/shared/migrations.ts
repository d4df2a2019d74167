import { readdirSync, readFileSync } from 'node:fs';

const STEP = /^(\d{3})-[a-z0-9-]+\.sql$/;

/**
 * The schema, as the steps that lead to it: the text of each `001-some-words.sql` in a folder, in the order
 * of their numbers. Step n brings a database from version n − 1 to n.
 *
 * A step that was ever released is never edited; a change is a new step at the end.
 *
 * @throws Error where the files are not numbered 1 to n, each once.
 */
export function readMigrations(folder: URL): readonly string[] {
  return readdirSync(folder)
    .toSorted()
    .map((name, i) => {
      const number = STEP.exec(name)?.[1];
      if (number === undefined) throw new Error(`migrations: expected names like 001-items.sql, got ${name}`);
      if (Number(number) !== i + 1) {
        throw new Error(`migrations: expected step ${String(i + 1).padStart(3, '0')} next, got ${name}`);
      }
      return readFileSync(new URL(name, folder), 'utf8');
    });
}
