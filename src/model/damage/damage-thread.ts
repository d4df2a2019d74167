import { parentPort } from 'node:worker_threads';
import { damageOf } from './damage.ts';
import type { FileToLookAt } from './damage-apart.ts';

parentPort!.on('message', ({ bytes, type }: FileToLookAt) => {
  parentPort!.postMessage(damageOf(bytes, type));
});
