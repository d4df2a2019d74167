import { basename, dirname, isAbsolute, join } from 'node:path';
import type { Model } from '../model/load.ts';
import { DatasetError } from './dataset-error.ts';
import type { Dataset, DatasetImage, DatasetProblem } from './dataset.ts';
import { createReadImage } from './image-file.ts';
import { createLabels } from './labels.ts';

/** One row of a table of images. */
export interface TableRow {
  /** From 1. */
  readonly line: number;
  /** Relative to the table's folder, or absolute. */
  readonly path: string;
  /** A name, or a class from 0: a text of digits is a class where no label is called so. */
  readonly label: string | number;
}

/**
 * The images that a table names.
 *
 * @param file The table's own path.
 * @throws DatasetError `bad_data` if there are no rows
 */
export function openTable(file: string, rows: readonly TableRow[], model: Model, maxPixels: number): Dataset {
  if (rows.length === 0) {
    throw new DatasetError(
      'bad_data',
      `${file}: expected rows of path and label, got none; add one an image`,
    );
  }
  const labels = createLabels(model.manifest.labels);
  const read = createReadImage(model.manifest, maxPixels);
  const images: DatasetImage[] = [];
  const problems: DatasetProblem[] = [];
  for (const row of rows) {
    const where = isAbsolute(row.path) ? row.path : join(dirname(file), row.path);
    const byDigits = (text: string): number | null =>
      /^\d{1,9}$/.test(text) ? labels.byIndex(Number(text)) : null;
    const label =
      typeof row.label === 'number'
        ? labels.byIndex(row.label)
        : (labels.byName(row.label) ?? byDigits(row.label));
    if (label === null) {
      const detail =
        `line ${row.line} of ${basename(file)} says ${JSON.stringify(row.label)}; expected a label of ` +
        `${model.manifest.name} (${labels.expected}) or a class from 0 to ${model.classes - 1}`;
      problems.push({ kind: 'unknown_label', where, detail });
    } else if (row.path === '') {
      const detail = `line ${row.line} of ${basename(file)} has an empty path`;
      problems.push({ kind: 'unreadable_image', where, detail });
    } else {
      images.push({ where, label, read: () => read(where) });
    }
  }
  return { name: basename(file), images, problems };
}
