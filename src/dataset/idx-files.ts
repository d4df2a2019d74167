import { basename } from 'node:path';
import { createDecodeGray } from '../model/decode.ts';
import { type IdxImages, labelsBeside, readIdxImages } from '../model/idx.ts';
import type { Model } from '../model/load.ts';
import { DatasetError } from './dataset-error.ts';
import type { Dataset, DatasetImage, DatasetProblem } from './dataset.ts';
import { readSplit } from './split-file.ts';

export interface IdxOptions {
  /** Of one image. */
  readonly maxPixels: number;
  /** `<splits.json>:<name>`: only the images with these indices. */
  readonly split?: string | undefined;
  /** The file of labels, where it is not beside the images under MNIST's name. */
  readonly labels?: string | undefined;
}

/**
 * The gray images of an IDX file with the labels of another, both gzipped or not. All stay in memory,
 * compact.
 *
 * @throws DatasetError
 */
export async function openIdx(path: string, model: Model, options: IdxOptions): Promise<Dataset> {
  const labelsPath = options.labels ?? labelsBeside(path);
  if (labelsPath === null) {
    throw new DatasetError(
      'bad_data',
      `${path}: expected a name with "images-idx3" in it, by which to find the labels beside it; ` +
        'name the file of labels',
    );
  }
  const idx = await readBoth(path, labelsPath);
  if (idx.count === 0) {
    throw new DatasetError('bad_data', `${path}: expected images, got an IDX file of none; name another`);
  }
  if (idx.height * idx.width > options.maxPixels) {
    throw new DatasetError(
      'bad_data',
      `${path}: expected at most ${options.maxPixels} pixels an image, got ` +
        `${idx.height}×${idx.width}; raise MAX_IMAGE_PIXELS`,
    );
  }
  const chosen =
    options.split === undefined
      ? Array.from({ length: idx.count }, (_, i) => i)
      : await readSplit(options.split, idx.count);
  const decode = createDecodeGray(model.manifest, idx.height, idx.width);
  const images: DatasetImage[] = [];
  const problems: DatasetProblem[] = [];
  for (const index of chosen) {
    const where = `${path}#${index}`;
    const label = idx.classOf(index);
    if (label < model.classes) {
      images.push({
        where,
        label,
        read: async () => ({ pixels: await decode(idx.pixels(index)), damage: null }),
      });
    } else {
      const detail =
        `expected a class from 0 to ${model.classes - 1}, as ${model.manifest.name} ` + `has, got ${label}`;
      problems.push({ kind: 'unknown_label', where, detail });
    }
  }
  const split = options.split === undefined ? '' : ` ${basename(options.split)}`;
  return { name: `${basename(path)}${split}`, images, problems };
}

async function readBoth(path: string, labelsPath: string): Promise<IdxImages> {
  try {
    return await readIdxImages(path, labelsPath);
  } catch (error) {
    throw new DatasetError(
      'bad_data',
      `expected IDX images in ${path} and their labels in ${labelsPath}: ${(error as Error).message}; ` +
        'name whole files that belong together',
    );
  }
}
