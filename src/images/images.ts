import type { ImageFile } from './image-file.ts';

/** The original images of review items. */
export interface Images {
  get(id: string): Promise<ImageFile | null>;
}
