import type { Dataset, DatasetImage, DatasetProblem } from '../../dataset/dataset.ts';
import { inParallel } from '../../dataset/in-parallel.ts';
import type { Decoded } from '../../model/decode.ts';
import { ImageError } from '../../model/image-error.ts';
import { hashPixels } from '../../prediction/measure-input.ts';

/** An image that could be read, known by its pixels. */
export interface HashedImage extends DatasetImage {
  /** SHA-256 of the decoded pixels, hex. */
  readonly hash: string;
  /** Whether its file is: then a person decides, whatever is measured of it. */
  readonly damaged: boolean;
}

/** Images with different pixels, each with one label. */
export interface HashedDataset extends Dataset {
  readonly images: readonly HashedImage[];
}

export interface HashOptions {
  /** Of the model. */
  readonly labels: readonly string[];
  /** A label with fewer images is named among the problems. */
  readonly fewest: number;
  /** Whether images whose files are damaged stay among the images. They are named in either case. */
  readonly keepDamaged?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Images being decoded at a time: more than the threads that decode, so that none waits for the disk. */
const OPEN_IMAGES = 16;

/**
 * Reads every image once and keeps what can be calibrated on: the service sends damaged files to people, so
 * they prove nothing of automatic answers.
 *
 * Of images with the same pixels the first stays where they agree on the label, and none where they don't.
 * Pixels are not kept: whoever needs them reads again.
 */
export async function hashDataset(dataset: Dataset, options: HashOptions): Promise<HashedDataset> {
  const { labels, fewest, keepDamaged = false, onProgress } = options;
  const problems: DatasetProblem[] = [...dataset.problems];
  const total = dataset.images.length;
  let done = 0;
  onProgress?.(0, total);
  const hashed = await inParallel(dataset.images, OPEN_IMAGES, async (image) => {
    const outcome = await hashOf(image);
    onProgress?.(++done, total);
    return outcome;
  });
  const readable: HashedImage[] = [];
  for (const one of hashed) {
    if ('kind' in one) {
      problems.push(one);
    } else {
      const { damage, ...image } = one;
      if (damage !== null) problems.push({ kind: 'damaged_image', where: one.where, detail: damage });
      if (damage === null || keepDamaged) readable.push({ ...image, damaged: damage !== null });
    }
  }
  const images = withoutTwins(readable, labels, problems);
  const counts = new Array<number>(labels.length).fill(0);
  for (const { label } of images) counts[label]!++;
  for (const [label, count] of counts.entries()) {
    if (count >= fewest) continue;
    problems.push({
      kind: 'few_images',
      where: labels[label]!,
      detail: `expected at least ${fewest} different images, got ${count}`,
    });
  }
  return { name: dataset.name, images, problems };
}

type Hashed = Omit<HashedImage, 'damaged'> & Pick<Decoded, 'damage'>;

async function hashOf(image: DatasetImage): Promise<Hashed | DatasetProblem> {
  try {
    const { pixels, damage } = await image.read();
    return { ...image, hash: hashPixels(pixels), damage };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { kind: 'unreadable_image', where: image.where, detail: `${error.code}: ${error.message}` };
  }
}

function withoutTwins(
  images: readonly HashedImage[],
  labels: readonly string[],
  problems: DatasetProblem[],
): HashedImage[] {
  const groups = Map.groupBy(images, ({ hash }) => hash);
  return images.filter((image) => {
    const twins = groups.get(image.hash)!;
    const first = twins[0]!;
    const other = twins.find(({ label }) => label !== image.label);
    if (other) {
      const detail =
        `labelled ${labels[image.label]}, ` +
        `but ${other.where} with the same pixels is labelled ${labels[other.label]}`;
      problems.push({ kind: 'conflicting_labels', where: image.where, detail });
      return false;
    }
    if (image === first) return true;
    problems.push({ kind: 'duplicate', where: image.where, detail: `same pixels as ${first.where}` });
    return false;
  });
}
