import { readFile } from 'node:fs/promises';
import { createDecode } from '../model/decode.ts';
import { loadModel } from '../model/load.ts';
import { hashPixels } from '../prediction/measure-input.ts';
import { allMatching, deleteOldRecords } from '../store/shared/forgetting.ts';
import type { ForgetFilter } from '../store/forgetting.ts';
import type { Store } from '../store/store.ts';

/** How many are deleted in one transaction, which others wait for. */
const AT_ONCE = 100;

/** What is to be forgotten: these predictions, and those that the filter means. */
export interface Forgotten {
  readonly ids: readonly string[];
  readonly filter: ForgetFilter | null;
}

/** The predictions that are there, and the ids that name none. */
export async function findRecords(
  { forgetting, records }: Pick<Store, 'forgetting' | 'records'>,
  { ids, filter }: Forgotten,
): Promise<{ readonly found: readonly string[]; readonly unknown: readonly string[] }> {
  const found = new Set(filter === null ? [] : await allMatching(forgetting, filter));
  const unknown: string[] = [];
  for (const id of ids) {
    if ((await records.find(id)) !== null) found.add(id);
    else if (!(await forgetting.wasForgotten(id))) unknown.push(id);
  }
  return { found: [...found], unknown };
}

/** Deletes the predictions; returns how many were there. */
export async function forgetRecords(
  { forgetting }: Pick<Store, 'forgetting'>,
  ids: readonly string[],
  who: string,
): Promise<number> {
  let forgotten = 0;
  for (let i = 0; i < ids.length; i += AT_ONCE)
    forgotten += (await forgetting.remove(ids.slice(i, i + AT_ONCE), { act: 'forgotten', who })).length;
  return forgotten;
}

/** Deletes records that nobody has to look at and that were made before then; returns how many. */
export const deleteOld: (forgetting: Store['forgetting'], createdBeforeMs: number) => Promise<number> =
  deleteOldRecords;

/**
 * The hash under which an image's predictions are recorded, by the model in a folder: of its pixels as that
 * model takes them.
 *
 * @throws ImageError, ModelError
 */
export async function inputHashOf(file: string, modelFolder: string, maxPixels: number): Promise<string> {
  const { manifest } = await loadModel(modelFolder);
  const { pixels } = await createDecode(manifest, maxPixels)(await readFile(file));
  return hashPixels(pixels);
}
