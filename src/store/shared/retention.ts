import { z } from 'zod';
import type { Images } from '../../images/images.ts';
import type { Retention } from '../retention.ts';
import { inBatches } from './batches.ts';
import type { ReadRows } from './dialect.ts';

const IMAGES_AT_ONCE = 200;
const REQUESTS_AT_ONCE = 2000;

/** What each database does in its own way, in one transaction a call. */
interface OwnRetention<Query> extends Pick<Retention, 'forgetImages'> {
  /** Rows of `id` and `prediction_id`, at most `:count`, of items decided before `:before`. */
  readonly oldImages: Query;
  /** Deletes at most so many; returns how many. */
  forgetRequests(most: number): Promise<number>;
}

const imageRows = z.array(z.object({ id: z.string(), prediction_id: z.string() }));

/** Deletes so many at a time, until fewer come. */
export function retaining<Query>(rows: ReadRows<Query>, own: OwnRetention<Query>): Retention {
  const images = {
    oldImages: async (before: number, count: number) =>
      imageRows
        .parse(await rows(own.oldImages, { before, count }))
        .map(({ id: itemId, prediction_id: predictionId }) => ({ itemId, predictionId })),
    forgetImages: (ids: readonly string[]) => own.forgetImages(ids),
  };
  return {
    ...images,
    deleteImages: (before) => deleteOldImages(images, before),
    forgetRequests: () => inBatches(REQUESTS_AT_ONCE, (most) => own.forgetRequests(most)),
  };
}

/**
 * Deletes the images of items decided before a time; returns how many.
 *
 * @param apart Where the bytes lie if not in the database. They are deleted first: killed in between, this
 * leaves items whose images the next run deletes again, and never bytes of which nobody knows.
 */
export async function deleteOldImages(
  retention: Pick<Retention, 'oldImages' | 'forgetImages'>,
  before: number,
  apart?: Pick<Images, 'delete'>,
): Promise<number> {
  let deleted = 0;
  await inBatches(IMAGES_AT_ONCE, async (most) => {
    const old = await retention.oldImages(before, most);
    // Under the item's id where the prediction that it was recorded with is forgotten (images-apart.ts).
    await apart?.delete(old.flatMap(({ itemId, predictionId }) => [...new Set([itemId, predictionId])]));
    deleted += await retention.forgetImages(old.map(({ itemId }) => itemId));
    return old.length;
  });
  return deleted;
}
