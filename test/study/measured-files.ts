import { join } from 'node:path';
import { openDataset } from '../../src/dataset/open.ts';
import type { Model } from '../../src/model/load.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { hashDataset, type HashedDataset } from '../../src/study/measuring/hash-dataset.ts';
import type { Procedure } from '../../src/prediction/measure-input.ts';
import { idxPair, writeFiles } from '../dataset/files.ts';

/** More directions than are needed, so that a run lasts long enough to be killed in it. */
export const procedure: Procedure = { plan: { ...DEFAULT_PLAN, looks: [256] }, threshold: null };

/** Writes `count` different images of 2×2. @returns The path of the IDX file. */
export async function writeImages(folder: string, count: number): Promise<string> {
  const images = Array.from({ length: count }, (_, i) => [i & 255, i >> 8, 90, 255]);
  await writeFiles(
    folder,
    idxPair(
      2,
      images,
      images.map((_, i) => i % 3),
    ),
  );
  return join(folder, 'x-images-idx3-ubyte.gz');
}

export async function openHashed(path: string, model: Model, fewest = 0): Promise<HashedDataset> {
  const dataset = await openDataset(path, model, { maxPixels: 1_000_000 });
  return hashDataset(dataset, { labels: model.manifest.labels, fewest });
}
