import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DatasetError } from './dataset-error.ts';
import type { TableRow } from './table.ts';

const rowSchema = z.object({ path: z.string(), label: z.union([z.string(), z.number()]) });

/**
 * The rows of a file with one JSON object a line, `{"path": …, "label": …}`; other fields are ignored.
 *
 * @throws DatasetError `bad_data`, naming the line
 */
export async function readJsonl(file: string): Promise<readonly TableRow[]> {
  const lines = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((text, i) =>
    text.trim() === '' ? [] : [{ line: i + 1, ...parseRow(text, file, i + 1) }],
  );
}

function parseRow(text: string, file: string, line: number): z.infer<typeof rowSchema> {
  const bad = (got: string): DatasetError =>
    new DatasetError(
      'bad_data',
      `${file}: expected {"path": "…", "label": "…"} on line ${line}, got ${got}; correct that line`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(`what is not JSON (${(error as Error).message})`);
  }
  const parsed = rowSchema.safeParse(json);
  if (!parsed.success) throw bad(`${text.slice(0, 80)} (${z.prettifyError(parsed.error)})`);
  return parsed.data;
}
