import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const UNSIGNED_BYTE = 0x08;

/** An array of unsigned bytes as IDX files hold it, the last index fastest. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * The array in an IDX file (the format of MNIST), gzipped or not.
 *
 * @throws Error saying what the file has instead, if it is not IDX of unsigned bytes or is cut short
 */
async function readIdx(path: string): Promise<IdxArray> {
  const raw = await readFile(path);
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? await promisify(gunzip)(raw) : raw;
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE) {
    const start = bytes.subarray(0, 4).toString('hex');
    throw new Error(`${path}: expected an IDX file of unsigned bytes (it begins with 000008…), got ${start}`);
  }
  const rank = bytes[3]!;
  if (bytes.length < 4 + 4 * rank)
    throw new Error(`${path}: expected ${rank} sizes, got a file that breaks off`);
  const shape = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const values = bytes.subarray(4 + 4 * rank);
  const expected = shape.reduce((product, size) => product * size, 1);
  if (values.length !== expected) {
    throw new Error(`${path}: expected ${expected} bytes for shape ${shape.join('×')}, got ${values.length}`);
  }
  return { shape, values };
}

/** Gray images of one size with the number of each one's class. */
export interface IdxImages {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: (index: number) => Uint8Array;
  readonly classOf: (index: number) => number;
}

/**
 * The file of labels that goes with one of images, by MNIST's names: `…labels-idx1…` with `…images-idx3…`.
 * Null for another name.
 */
export function labelsBeside(path: string): string | null {
  const name = basename(path);
  const beside = name.replace('images-idx3', 'labels-idx1');
  return beside === name ? null : join(dirname(path), beside);
}

/**
 * The images at `path` with their labels.
 *
 * @param labelsPath The file beside it where nothing is said.
 * @throws Error if the two don't belong together
 */
export async function readIdxImages(path: string, labelsPath = labelsBeside(path)): Promise<IdxImages> {
  if (labelsPath === null)
    throw new Error(`${path}: expected a name with "images-idx3" in it, as MNIST's files have`);
  const [images, labels] = await Promise.all([readIdx(path), readIdx(labelsPath)]);
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || count === undefined || height === undefined || width === undefined) {
    throw new Error(`${path}: expected images × height × width, got ${images.shape.join('×')}`);
  }
  if (labels.shape.length !== 1) {
    throw new Error(`${labelsPath}: expected one label an image, got an array of ${labels.shape.join('×')}`);
  }
  if (labels.values.length !== count) {
    throw new Error(`${path} has ${count} images, but ${labelsPath} has ${labels.values.length} labels`);
  }
  const size = height * width;
  return {
    count,
    height,
    width,
    pixels: (index) => images.values.subarray(index * size, (index + 1) * size),
    classOf: (index) => labels.values[index]!,
  };
}
