import { readFile } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { DatasetError } from './dataset-error.ts';
import type { TableRow } from './table.ts';

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) }));

/**
 * The rows of a CSV file whose header names `path` and `label`, in any order and beside other columns.
 *
 * @throws DatasetError `bad_data`
 */
export async function readCsv(file: string): Promise<readonly TableRow[]> {
  const [header, ...records] = parseRecords(await readFile(file, 'utf8'), file);
  const names = header?.record.map((name) => name.trim().toLowerCase()) ?? [];
  const [path, label] = [names.indexOf('path'), names.indexOf('label')];
  if (path < 0 || label < 0) {
    throw new DatasetError(
      'bad_data',
      `${file}: expected a first line with the columns path and label, got ` +
        `${JSON.stringify(header?.record.join(',') ?? '')}; write "path,label" there`,
    );
  }
  return records.map(({ record, info }) => ({
    line: info.lines,
    path: record[path]!,
    label: record[label]!.trim(),
  }));
}

function parseRecords(text: string, file: string): z.infer<typeof recordsSchema> {
  try {
    return recordsSchema.parse(parse(text, { bom: true, info: true, skip_empty_lines: true }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DatasetError(
      'bad_data',
      `${file}: expected comma-separated values with a field for each column: ${error.message}; ` +
        'correct that line',
    );
  }
}
