import { Worker } from 'node:worker_threads';
import type { ImageType } from '../image-type.ts';

/** What a thread that looks at files is given, one at a time. */
export interface FileToLookAt {
  readonly bytes: Uint8Array;
  readonly type: ImageType;
}

type Look = (file: FileToLookAt) => Promise<string | null>;

/** Threads that look at nothing now. They keep no process from ending. */
const idle = new Set<Look>();

/**
 * As `damageOf`, on a thread beside this one: large files take longer than others may wait for this one. A
 * thread is used again, since to start one takes longer than most files do; there are as many of them as
 * there were calls at a time.
 *
 * Where the thread fails, nothing is known to be whole: that is said, and a person decides.
 */
export function damageOfApart(bytes: Uint8Array, type: ImageType): Promise<string | null> {
  const [look = startThread()] = idle;
  idle.delete(look);
  return look({ bytes, type });
}

function startThread(): Look {
  const worker = new Worker(new URL('damage-thread.ts', import.meta.url), { execArgv: [] });
  let settle: (damage: string | null) => void = () => undefined;
  const look: Look = (file) => {
    worker.ref();
    worker.postMessage(file);
    return new Promise((resolve) => {
      settle = resolve;
    });
  };
  worker.on('message', (damage: string | null) => {
    worker.unref();
    idle.add(look);
    settle(damage);
  });
  worker.on('error', ({ message }: Error) => {
    settle(`it could not be looked through: ${message}`);
  });
  worker.on('exit', () => {
    idle.delete(look);
    settle('it could not be looked through');
  });
  return look;
}
