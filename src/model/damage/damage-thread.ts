import { parentPort, workerData } from 'node:worker_threads';
import { damageOf } from './damage.ts';
import type { FileToLookAt } from './damage-apart.ts';

const { bytes, type } = workerData as FileToLookAt;
parentPort!.postMessage(damageOf(bytes, type));
