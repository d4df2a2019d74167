import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Model } from '../model/load.ts';
import { DatasetError } from './dataset-error.ts';
import type { Dataset, DatasetImage, DatasetProblem } from './dataset.ts';
import { createReadImage } from './image-file.ts';
import { createLabels } from './labels.ts';

/**
 * The images in a folder with a folder of files for each label: `<label>/<file>`.
 *
 * @throws DatasetError `bad_data` if no folder in it is called like a label
 */
export async function openFolder(folder: string, model: Model, maxPixels: number): Promise<Dataset> {
  const labels = createLabels(model.manifest.labels);
  const read = createReadImage(model.manifest, maxPixels);
  const images: DatasetImage[] = [];
  const problems: DatasetProblem[] = [];
  const inside = await list(folder);
  let matched = 0;
  for (const entry of inside) {
    const path = join(folder, entry.name);
    const files = entry.isDirectory() ? await list(path) : null;
    if (files === null) {
      const detail = 'lies beside the folders of labels; expected <label>/<file>';
      problems.push({ kind: 'unknown_label', where: path, detail });
      continue;
    }
    const label = labels.byName(entry.name);
    if (label === null) {
      const detail =
        `no label of ${model.manifest.name} (${labels.expected}); ${files.length} files ` + 'left out';
      problems.push({ kind: 'unknown_label', where: path, detail });
      continue;
    }
    matched++;
    for (const file of files) {
      const where = join(path, file.name);
      if (file.isDirectory()) {
        const detail = 'is a folder; expected <label>/<file>, and deeper folders are not read';
        problems.push({ kind: 'unreadable_image', where, detail });
      } else {
        images.push({ where, label, read: () => read(where) });
      }
    }
  }
  if (matched === 0) {
    const found = inside.slice(0, 5).map(({ name }) => JSON.stringify(name));
    throw new DatasetError(
      'bad_data',
      `${folder}: expected folders called like the labels of ${model.manifest.name} (${labels.expected}), ` +
        `got ${found.join(', ') || 'an empty folder'}; put the images at <label>/<file>, or name a ` +
        '.csv or .jsonl of path and label',
    );
  }
  return { name: basename(resolve(folder)), images, problems };
}

/** In one order, whatever the file system's. */
async function list(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
