import type { Images } from '../../images/images.ts';
import { isInReview } from '../prediction-record.ts';
import type { ItemIds, OriginalImage, RecordedOnce, Recording } from '../records.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { deleteOldImages } from './retention.ts';

/**
 * A store whose images lie apart from its database.
 *
 * **The bytes come first.** They are durable before the record is written, so that whatever is acknowledged
 * has its image. A record that is refused takes its bytes away again; where it is not known whether it was
 * written they stay, and are asked for by nobody if it was not.
 *
 * **What the database has stays in use.** Images that were recorded before they lay apart are read and
 * deleted there.
 *
 * @param store It is closed with the store that is returned.
 * @throws StoreError `database_unavailable` also where the images cannot be reached.
 */
export function imagesApart(store: Store, images: Images): Store {
  const underWay = new Set<Promise<unknown>>();
  let closed: Promise<void> | null = null;

  async function finish<T>(work: Promise<T>): Promise<T> {
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  }

  /** The port, whose methods are refused as soon as the store is closed, though it still finishes records. */
  function whileOpen<Port extends object>(port: Port): Port {
    const methods = Object.entries(port) as [string, (...given: unknown[]) => unknown][];
    const guarded = methods.map(([name, method]) => [
      name,
      async (...given: unknown[]) => {
        if (closed)
          throw new StoreError('queue_closed', 'the review queue is closed: the service is stopping');
        // eslint-disable-next-line no-restricted-syntax -- as many as the call was given
        return await method(...given);
      },
    ]);
    return Object.fromEntries(guarded) as Port;
  }

  /** Ids of the images that were put. */
  async function putAll(
    given: readonly { readonly id: string; readonly image: OriginalImage }[],
  ): Promise<string[]> {
    const outcomes = await Promise.allSettled(
      given.map(async ({ id, image }) => (isFile(image) && (await images.put(id, image)) ? [id] : [])),
    );
    const put = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) return put;
    await takeAway(put);
    throw unavailable(failed.reason);
  }

  /** Bytes that cannot be deleted now lie there unused: what is told is why the record was refused. */
  const takeAway = (ids: readonly string[]): Promise<void> => images.delete(ids).catch(() => undefined);

  /** Puts the images, then writes the records, which is for `write` to do. */
  async function recordAll(
    recordings: readonly Recording[],
    write: (withoutBytes: readonly Recording[]) => Promise<RecordedOnce>,
  ): Promise<RecordedOnce> {
    const inReview = recordings.filter(({ prediction }) => isInReview(prediction));
    const put = await putAll(inReview.map(({ prediction: { id }, image }) => ({ id, image })));
    try {
      const outcome = await write(
        recordings.map(({ image, ...recording }) => ({
          ...recording,
          image: isFile(image) ? 'apart' : image,
        })),
      );
      // One that is of an item that was there shows that one's image.
      const made = new Set(outcome.earlier === null ? outcome.items : []);
      await takeAway(put.filter((id) => !made.has(id)));
      return outcome;
    } catch (error) {
      // Another record under the same id may need the image, and so may this one if it was written after all.
      if (!mayStand(error)) await takeAway(put);
      throw error;
    }
  }

  const recordTogether = async (recordings: readonly Recording[]): Promise<ItemIds> => {
    const write = async (withoutBytes: readonly Recording[]): Promise<RecordedOnce> => ({
      items: await store.records.recordAll(withoutBytes),
      earlier: null,
    });
    const outcome = await finish(recordAll(recordings, write));
    return outcome.earlier === null ? outcome.items : [];
  };

  const apart = {
    get: (id: string) => images.get(id).catch(refuse),
    size: (id: string) => images.size(id).catch(refuse),
    delete: (ids: readonly string[]) => images.delete(ids).catch(refuse),
  };

  /** What `read` gives of the image that a prediction shows. */
  async function found<T>(id: string, read: (id: string) => Promise<T | null>): Promise<T | null> {
    const place = await placeOf(store, id);
    return place === null ? null : read(place);
  }

  return {
    ...store,
    records: whileOpen({
      ...store.records,
      recordAll: recordTogether,
      recordOnce: (request, recordings) =>
        finish(recordAll(recordings, (withoutBytes) => store.records.recordOnce(request, withoutBytes))),
    }),
    images: whileOpen({
      get: async (id) => (await found(id, apart.get)) ?? store.images.get(id),
      size: async (id) => (await found(id, apart.size)) ?? store.images.size(id),
    }),
    keeping: whileOpen({
      ...store.keeping,
      // Bytes first, and taken away again of what is not kept after all.
      keep: (answers) =>
        finish(
          (async () => {
            const put = await putAll(answers.map(({ id, image }) => ({ id, image })));
            const withoutBytes = answers.map(({ image, ...answer }) => ({
              ...answer,
              image: isFile(image) ? ('apart' as const) : image,
            }));
            const kept = await store.keeping.keep(withoutBytes).catch(async (error: unknown) => {
              if (!mayStand(error)) await takeAway(put);
              throw error;
            });
            const known = new Set(kept);
            await takeAway(put.filter((id) => !known.has(id)));
            return kept;
          })(),
        ),
      drop: async (ids) => {
        await apart.delete(ids);
        return store.keeping.drop(ids);
      },
    }),
    items: whileOpen(store.items),
    reviewing: whileOpen(store.reviewing),
    trail: whileOpen(store.trail),
    figures: whileOpen(store.figures),
    retention: whileOpen({
      ...store.retention,
      deleteImages: (before) => deleteOldImages(store.retention, before, apart),
    }),
    forgetting: whileOpen({
      ...store.forgetting,
      // First, so that no bytes are left of which nobody knows; those that are gone may be deleted again.
      // Those of an item that goes on stay where they are, until it is gone.
      remove: async (ids, reason) => {
        const items = await store.forgetting.leave(ids);
        const staying = items.filter(({ stays }) => stays).map(({ id }) => id);
        const going = new Set([...ids, ...items.map(({ id }) => id)]);
        for (const id of staying) going.delete(id);
        await apart.delete([...going]);
        const gone = await store.forgetting.remove(ids, reason);
        // And those that were kept meanwhile: none can be any more. Others may have forgotten the rest.
        await apart.delete([...going]);
        for (const id of staying) if ((await store.items.find(id)) === null) await apart.delete([id]);
        return gone;
      },
    }),
    alarms: whileOpen(store.alarms),
    closings: whileOpen(store.closings),
    close: () => (closed ??= Promise.allSettled(underWay).then(() => store.close())),
  };
}

/**
 * Under which id the image lies that a prediction shows, if it shows one. Of several predictions of the same
 * image it lies under the item's, which is that of the first of them; another shows it when that is
 * forgotten.
 */
async function placeOf({ records, items }: Store, id: string): Promise<string | null> {
  const stored = await records.find(id);
  if (stored === null) return null;
  const { review } = stored;
  const isOwn = review === null || review.inclusionProbability !== null || review.id === id;
  if (isOwn) return id;
  return (await items.find(review.id))?.prediction.id === id ? review.id : null;
}

const MAY_STAND: ReadonlySet<string> = new Set(['database_unavailable', 'duplicate_id']);

const mayStand = (error: unknown): boolean => error instanceof StoreError && MAY_STAND.has(error.code);

function isFile(image: OriginalImage): image is Exclude<OriginalImage, 'apart' | null> {
  return image !== null && image !== 'apart';
}

function unavailable(cause: unknown): StoreError {
  const error = new StoreError(
    'database_unavailable',
    'the images cannot be reached where they lie; nothing is lost that was acknowledged. Try again.',
  );
  error.cause = cause;
  return error;
}

function refuse(cause: unknown): never {
  throw unavailable(cause);
}
