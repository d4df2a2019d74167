/**
 * Asks /healthz again and again from a thread of its own, since whoever sends the load has an event loop with
 * delays of its own. Runs as a worker; any message ends it, and it answers with the milliseconds that each
 * answer took.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { check } from './harness.ts';

const EVERY_MS = 20;

const { url } = workerData as { url: string };
const milliseconds: number[] = [];
const stop = new AbortController();
parentPort!.once('message', () => {
  stop.abort();
});
while (!stop.signal.aborted) {
  const began = performance.now();
  const response = await fetch(`${url}/healthz`);
  check(response.ok, `healthz answered ${response.status}`);
  await response.arrayBuffer();
  milliseconds.push(performance.now() - began);
  await sleep(EVERY_MS);
}
parentPort!.postMessage(milliseconds);
