import type { ImageFile } from './image-file.ts';

/**
 * A place where the original images of review items lie, by the items' ids.
 *
 * A promise that resolves means durable. Whatever fails may or may not have been done, and may be asked for
 * again.
 */
export interface Images {
  /** Keeps the image. Where one lies under that id already it stays; whether this one was put. */
  put(id: string, image: ImageFile): Promise<boolean>;
  get(id: string): Promise<ImageFile | null>;
  /** Its bytes, without reading them; null where there is none. */
  size(id: string): Promise<number | null>;
  /** Deletes those that are there. */
  delete(ids: readonly string[]): Promise<void>;
}
