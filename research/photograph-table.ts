import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes the table of the labelled photographs in `shared` as `openDataset` reads tables, into `folder`, and
 * returns where. Theirs calls the path "file", and paths are relative to where it lies.
 */
export async function writePhotographTable(shared: string, folder: string): Promise<string> {
  const photographs = join(shared, 'imagenet');
  const [, ...rows] = (await readFile(join(photographs, 'labels.csv'), 'utf8')).trim().split('\n');
  const table = join(folder, 'photographs.csv');
  await writeFile(table, ['path,label', ...rows.map((row) => join(photographs, row))].join('\n'));
  return table;
}
