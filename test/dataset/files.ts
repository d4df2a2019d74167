import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

/** A new empty folder that is removed with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-dataset-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Writes files by their paths in `folder`, with the folders that they need. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/** The bytes of an IDX file of unsigned bytes. */
export function idxBytes(shape: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** Square gray images and their classes as a pair of files under MNIST's names, gzipped. */
export function idxPair(
  side: number,
  images: readonly (readonly number[])[],
  classes: readonly number[],
): Record<'x-images-idx3-ubyte.gz' | 'x-labels-idx1-ubyte.gz', Uint8Array> {
  return {
    'x-images-idx3-ubyte.gz': gzipSync(idxBytes([images.length, side, side], images.flat())),
    'x-labels-idx1-ubyte.gz': gzipSync(idxBytes([classes.length], classes)),
  };
}
