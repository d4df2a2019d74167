import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DatasetError } from './dataset-error.ts';

const splitsSchema = z.object({ indices: z.record(z.string(), z.array(z.int().min(0))) });

/**
 * The indices that a file of splits gives for a name.
 *
 * @param argument `<splits.json>:<name>`
 * @param count Images there are; every index is less.
 * @throws DatasetError `bad_split`
 */
export async function readSplit(argument: string, count: number): Promise<readonly number[]> {
  const colon = argument.lastIndexOf(':');
  if (colon < 1) {
    throw new DatasetError('bad_split', `expected a split as <splits.json>:<name>, got "${argument}"`);
  }
  const [path, name] = [argument.slice(0, colon), argument.slice(colon + 1)];
  let splits: z.infer<typeof splitsSchema>;
  try {
    splits = splitsSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new DatasetError('bad_split', `${path}: expected {"indices": {"<name>": [0, …]}}: ${message}`);
  }
  const chosen = Object.hasOwn(splits.indices, name) ? splits.indices[name] : undefined;
  if (!chosen) {
    const names = Object.keys(splits.indices).join(', ');
    throw new DatasetError('bad_split', `${path} has no split "${name}"; it has ${names}`);
  }
  const outside = chosen.find((index) => index >= count);
  if (outside !== undefined) {
    throw new DatasetError(
      'bad_split',
      `${path}: expected indices less than ${count}, the images there are, got ${outside} in "${name}"; ` +
        'name the split and the images that belong together',
    );
  }
  return chosen;
}
