import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { labelLine } from '../fronts/label-formats.ts';
import type { ExportedLabel } from '../store/labels.ts';
import type { Store } from '../store/store.ts';
import { type LabelFolders, openLabelFolders } from './label-folders.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

/** Far more than a line with the longest label and note takes; a manifest may be larger than memory. */
const LONGEST_LINE_BYTES = 1_048_576;
const NEWLINE = 0x0a;

const manifestLine = z.object({ cursor: z.string() });

/**
 * Adds to `folder` what became final since it was last written; returns how many labels.
 *
 * A label's image is whole before its line is in the manifest, and the manifest's last whole line says where
 * to go on: ended at any moment, the next run neither misses nor repeats one. A line that was cut short is
 * taken off. What is final is sealed first: it can no longer be undone, whether or not it is written.
 *
 * @param who Whom the audit trail names.
 */
export async function exportFolder(
  store: Pick<Store, 'labels' | 'images' | 'trail'>,
  folder: string,
  { humanOnly, who }: { readonly humanOnly: boolean; readonly who: string },
): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'manifest.jsonl');
  const since = await lastCursor(path);
  const folders = await openLabelFolders(folder);
  await store.labels.seal({ who });
  const manifest = await open(path, 'a');
  let written = 0;
  try {
    let recorded = false;
    for await (const label of store.labels.exportLabels({ since })) {
      if (!recorded) {
        const detail = { format: 'folder', since, limit: null };
        await store.trail.recordAct({ act: 'labels_exported', who, detail });
        recorded = true;
      }
      if (humanOnly && label.source === 'machine') continue;
      const file = await writeImage(store, folder, folders, label);
      await manifest.appendFile(`${JSON.stringify({ file, ...labelLine(label) })}\n`);
      written++;
    }
    await manifest.sync();
  } finally {
    await manifest.close();
  }
  return written;
}

/**
 * Path of the image in the folder; null where none is kept: the machine decided alone, or it was deleted.
 * Where no label fits there is no folder of its own, which whoever trains would take for a class.
 */
async function writeImage(
  { images }: Pick<Store, 'images'>,
  folder: string,
  folders: LabelFolders,
  { id, label, predictionId, imageId }: ExportedLabel,
): Promise<string | null> {
  // Those of automatic answers are kept for a while, and which of them goes on to people is not told.
  const image = imageId === null || label === null ? null : await images.get(imageId);
  if (image === null || label === null) return null;
  const name = folders.of(label);
  // Of several predictions of one image, whose label is the same, there is one file.
  const file = `${name}/${imageId === predictionId ? id : imageId}.${EXTENSIONS[image.contentType] ?? 'bin'}`;
  await mkdir(join(folder, name), { recursive: true });
  const whole = join(folder, file);
  await writeFile(`${whole}.part`, image.bytes);
  await rename(`${whole}.part`, whole);
  return file;
}

/**
 * The cursor of the manifest's last whole line; null where there is none. What is behind that line is cut
 * off.
 */
async function lastCursor(path: string): Promise<string | null> {
  const manifest = await open(path, 'a+');
  try {
    const { size } = await manifest.stat();
    const start = Math.max(0, size - LONGEST_LINE_BYTES);
    const { buffer, bytesRead } = await manifest.read(Buffer.alloc(size - start), 0, size - start, start);
    const end = buffer.lastIndexOf(NEWLINE, bytesRead - 1) + 1;
    await manifest.truncate(start + end);
    if (end === 0) return null;
    const line = buffer.subarray(buffer.lastIndexOf(NEWLINE, end - 2) + 1, end).toString();
    return manifestLine.parse(JSON.parse(line)).cursor;
  } finally {
    await manifest.close();
  }
}
