import { open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Model } from '../model/load.ts';
import { readCsv } from './csv.ts';
import { DatasetError } from './dataset-error.ts';
import type { Dataset } from './dataset.ts';
import { openFolder } from './folder.ts';
import { type IdxOptions, openIdx } from './idx-files.ts';
import { readJsonl } from './jsonl.ts';
import { openTable } from './table.ts';

const FORMS =
  'a folder of <label>/<file>, a .csv or .jsonl of path and label, or IDX images (…images-idx3-ubyte[.gz])';

/**
 * The labelled images at `source`: a folder, a table, or IDX files. Images are not read yet.
 *
 * What keeps single images out is among the problems.
 *
 * @throws DatasetError where the data as a whole cannot be taken
 */
export async function openDataset(source: string, model: Model, options: IdxOptions): Promise<Dataset> {
  const form = await formOf(source);
  if (form === 'idx') return openIdx(source, model, options);
  for (const name of ['split', 'labels'] as const) {
    if (options[name] === undefined) continue;
    throw new DatasetError(
      'bad_split',
      `expected ${name} only beside IDX images, got ${options[name]} beside ${source}; leave it out`,
    );
  }
  switch (form) {
    case 'folder':
      return openFolder(source, model, options.maxPixels);
    case 'csv':
      return openTable(source, await readCsv(source), model, options.maxPixels);
    case 'jsonl':
      return openTable(source, await readJsonl(source), model, options.maxPixels);
  }
}

async function formOf(source: string): Promise<'folder' | 'csv' | 'jsonl' | 'idx'> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(source)).isDirectory();
  } catch (error) {
    throw new DatasetError('missing_data', `expected ${FORMS}: ${(error as Error).message}`);
  }
  if (isFolder) return 'folder';
  const extension = extname(source).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  const start = await beginning(source);
  const isIdx = start.startsWith('000008') || (start.startsWith('1f8b') && /idx/i.test(source));
  if (isIdx || source.includes('images-idx3')) return 'idx';
  throw new DatasetError(
    'unknown_form',
    `expected ${FORMS}, got ${source}, which begins with ${start || 'nothing'}; name one of these`,
  );
}

/** The first four bytes in hexadecimal. */
async function beginning(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('hex', 0, bytesRead);
  } finally {
    await file.close();
  }
}
