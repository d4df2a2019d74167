import type { Api } from '../api/api.ts';
import { Refusal } from '../api/api-error.ts';

export type Picture =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly bitmap: ImageBitmap }
  | { readonly state: 'failed'; readonly why: string };

export interface PictureStore {
  /** The decoded picture at `path`; asking for one that is not there yet begins to load it. */
  readonly get: (path: string) => Picture;
  /** @returns What ends it. */
  readonly subscribe: (listener: () => void) => () => void;
}

const LOADING: Picture = { state: 'loading' };
const RETRY_MS = 2_000;

/**
 * Fetches pictures with the key, which an `img` element could not send, and decodes them before they are
 * wanted.
 *
 * @param kept Decoded pictures in memory; those asked for longest ago go first.
 * @param longest Side in pixels to which larger pictures are reduced; null to keep them as they are.
 */
export function createPictureStore(api: Api, kept: number, longest: number | null = null): PictureStore {
  const pictures = new Map<string, Picture>();
  const listeners = new Set<() => void>();

  const settle = (path: string, picture: Picture): void => {
    if (!pictures.has(path)) {
      if (picture.state === 'ready') picture.bitmap.close();
      return;
    }
    pictures.set(path, picture);
    for (const listener of [...listeners]) listener();
  };

  const load = async (path: string): Promise<void> => {
    let blob: Blob;
    try {
      blob = await api.blob(path);
    } catch (error) {
      if (error instanceof Refusal) settle(path, { state: 'failed', why: error.message });
      else
        setTimeout(() => {
          if (pictures.has(path)) void load(path);
        }, RETRY_MS);
      return;
    }
    try {
      settle(path, { state: 'ready', bitmap: await decode(blob, longest) });
    } catch {
      settle(path, { state: 'failed', why: 'The image cannot be shown here.' });
    }
  };

  const forgetOldest = (): void => {
    const [oldest] = pictures;
    if (oldest === undefined) return;
    const [path, picture] = oldest;
    pictures.delete(path);
    if (picture.state === 'ready') picture.bitmap.close();
  };

  return {
    get: (path) => {
      const known = pictures.get(path);
      if (known !== undefined) {
        // Moves it to the end: those that are asked for stay.
        pictures.delete(path);
        pictures.set(path, known);
        return known;
      }
      pictures.set(path, LOADING);
      if (pictures.size > kept) forgetOldest();
      void load(path);
      return LOADING;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function decode(blob: Blob, longest: number | null): Promise<ImageBitmap> {
  const whole = await createImageBitmap(blob);
  const factor = longest === null ? 1 : longest / Math.max(whole.width, whole.height);
  if (factor >= 1) return whole;
  try {
    return await createImageBitmap(whole, {
      resizeWidth: Math.max(1, Math.round(whole.width * factor)),
      resizeHeight: Math.max(1, Math.round(whole.height * factor)),
      resizeQuality: 'medium',
    });
  } finally {
    whole.close();
  }
}
