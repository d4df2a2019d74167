import type { ImageFile } from '../images/image-file.ts';
import type { Images } from '../images/images.ts';
import { withoutMetadata } from '../images/without-metadata.ts';
import { readOrientation } from '../model/orientation.ts';

/** What is kept of an image that was sent, and given to people. */
export type KeepImage = (image: ImageFile) => Promise<ImageFile>;

/** Its pixels alone: nothing of a place or a person that the file says. */
export const cleanImage: KeepImage = (image) => withoutMetadata(image, readOrientation);

/** The file as it was sent. */
export const wholeImage: KeepImage = (image) => Promise.resolve(image);

/** Images as they are given: those that were stored as they came, by an earlier release, are cleaned too. */
export function givenImages(
  images: Pick<Images, 'get' | 'size'>,
  keep: KeepImage,
): Pick<Images, 'get' | 'size'> {
  return {
    // Of the file as it is stored, which is no smaller.
    size: (id) => images.size(id),
    get: async (id) => {
      const image = await images.get(id);
      return image && keep(image);
    },
  };
}
