import type { DatasetProblem } from '../../dataset/dataset.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Estimate } from '../../engine/job.ts';
import type { Outcome } from '../../engine/outcome.ts';
import { ImageError } from '../../model/image-error.ts';
import type { Model } from '../../model/load.ts';
import type { Pixels } from '../../model/preprocess.ts';
import type { Transform } from '../../numerics/jacobian/transforms.ts';
import { atItsPace } from './at-its-pace.ts';
import type { HashedImage } from './hash-dataset.ts';
import { LostImagesError, MOST_LOST } from './lost-images-error.ts';
import { type Procedure, hashPixels, measureInput } from '../../prediction/measure-input.ts';
import type { MeasuredImage } from './measured-image.ts';
import { procedureId, openMeasurementCache } from './measurement-cache.ts';

/** Inputs open at once, where they are cheap: enough to keep the engine's batches full. */
const MOST_OPEN = 128;
/** Of each engine process: one that it measures, and one that it finds when it is done. */
const LEAST_OPEN = 2;
/** What an input may take while others are open beside it. It is no limit: none is given up for it. */
const AIM_MS = 2_000;

const WHY: Readonly<Record<Exclude<Outcome<Estimate>['failure'], null>, string>> = {
  not_measurable: 'the network gives no usable answer near it',
  engine_died: 'the engine process died while measuring it, twice',
  deadline: 'it was not measured in time',
};

export interface MeasureOptions {
  /** Measured where the plan has none of its own. */
  readonly transforms?: readonly Transform[] | null | undefined;
  /** Told at the start how many were measured before, then after each image. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /**
   * A folder where measurements are kept, so that the next run with the same procedure measures only what is
   * missing.
   */
  readonly cache?: string | null | undefined;
}

export interface MeasuredDataset {
  /** In the order of the images, without those that have a problem. */
  readonly images: readonly MeasuredImage[];
  readonly problems: readonly DatasetProblem[];
}

/**
 * Measures every image by the same procedure, however long that takes: an image waits for others and for a
 * slow model as long as the engine works. Nothing is tried twice; what fails is among the problems, and asked
 * again in the next run.
 *
 * @throws EngineError if the engine is down
 * @throws LostImagesError as soon as more than `MOST_LOST` of the images failed by the engine's fault
 */
export async function measureDataset(
  engine: Engine,
  model: Model,
  images: readonly HashedImage[],
  procedure: Procedure,
  options: MeasureOptions = {},
): Promise<MeasuredDataset> {
  const { onProgress } = options;
  const folder = options.cache ?? null;
  const transforms = options.transforms ?? null;
  const cache =
    folder === null
      ? null
      : await openMeasurementCache(folder, procedureId(model.digest, procedure, transforms));
  try {
    const missing = images.filter(({ hash }) => !cache?.measured.has(hash));
    let done = images.length - missing.length;
    onProgress?.(done, images.length);
    const found = new Map<HashedImage, Estimate>();
    const failed = new Map<HashedImage, DatasetProblem>();
    let lost = 0;
    const least = LEAST_OPEN * Math.max(1, engine.pids.length);
    const pace = { least, most: MOST_OPEN, aimMs: AIM_MS, now: () => performance.now() };
    await atItsPace(missing, pace, async (image) => {
      const pixels = await readAgain(image);
      if ('kind' in pixels) {
        failed.set(image, pixels);
      } else {
        const { result, failure } = await measureInput(
          engine,
          pixels,
          image.hash,
          model.digest,
          procedure,
          null,
          transforms,
        );
        if (result === null) {
          const isItsOwn = failure === 'not_measurable';
          if (!isItsOwn && ++lost > MOST_LOST * images.length)
            throw new LostImagesError(lost, images.length, WHY[failure], cache !== null);
          failed.set(image, { kind: 'not_measurable', where: image.where, detail: WHY[failure] });
        } else {
          found.set(image, result);
          cache?.add(image.hash, result);
        }
      }
      onProgress?.(++done, images.length);
    });
    return {
      images: images.flatMap((image) => {
        const estimate = found.get(image) ?? cache?.measured.get(image.hash);
        const { where, hash, label, damaged } = image;
        return estimate === undefined ? [] : [{ where, hash, label, damaged, estimate }];
      }),
      problems: images.flatMap((image) => failed.get(image) ?? []),
    };
  } finally {
    await cache?.close();
  }
}

/** The pixels that were hashed, or why they are not to be had any more. */
async function readAgain({ where, hash, read }: HashedImage): Promise<Pixels | DatasetProblem> {
  try {
    const { pixels } = await read();
    if (hashPixels(pixels) === hash) return pixels;
    return { kind: 'unreadable_image', where, detail: 'the file has changed since it was read first' };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { kind: 'unreadable_image', where, detail: `${error.code}: ${error.message}` };
  }
}
