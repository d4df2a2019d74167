import { Worker } from 'node:worker_threads';
import type { ImageType } from '../image-type.ts';

/** What a thread that looks at one file is given. */
export interface FileToLookAt {
  readonly bytes: Uint8Array;
  readonly type: ImageType;
}

/**
 * As `damageOf`, on a thread of its own: large files take longer than others may wait for this one.
 *
 * Where the thread fails, nothing is known to be whole: that is said, and a person decides.
 */
export async function damageOfApart(bytes: Uint8Array, type: ImageType): Promise<string | null> {
  const workerData: FileToLookAt = { bytes, type };
  const worker = new Worker(new URL('damage-thread.ts', import.meta.url), { workerData, execArgv: [] });
  return new Promise((resolve) => {
    worker.once('message', resolve);
    worker.once('error', ({ message }: Error) => {
      resolve(`it could not be looked through: ${message}`);
    });
    worker.once('exit', () => {
      resolve('it could not be looked through');
    });
  });
}
