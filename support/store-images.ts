import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ImageFile } from '../src/images/image-file.ts';
import type { Images } from '../src/images/images.ts';

/**
 * Images in memory, for tests: no act is done before the next turn, so that whoever does not wait for it is
 * caught.
 */
export interface ImagesInMemory extends Images {
  readonly kept: Map<string, ImageFile>;
  /** What goes wrong; nothing where undefined. */
  failure: Error | undefined;
}

export function imagesInMemory(): ImagesInMemory {
  const kept = new Map<string, ImageFile>();
  const later = async (): Promise<void> => {
    await nextTurn();
    if (images.failure !== undefined) throw images.failure;
  };
  const images: ImagesInMemory = {
    kept,
    failure: undefined,
    put: async (id, image) => {
      await later();
      if (kept.has(id)) return false;
      kept.set(id, image);
      return true;
    },
    get: async (id) => {
      await later();
      return kept.get(id) ?? null;
    },
    size: async (id) => {
      await later();
      return kept.get(id)?.bytes.byteLength ?? null;
    },
    delete: async (ids) => {
      await later();
      for (const id of ids) kept.delete(id);
    },
  };
  return images;
}
