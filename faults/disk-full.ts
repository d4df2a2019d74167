/**
 * The disk fills under load, and there is room again. Once a small file system of its own, where one may be
 * mounted, and once a limit on the size of files, which needs no rights.
 *
 *     node faults/run.ts disk-full
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendRequest } from './client-log.ts';
import { attempt, check, finallyDo, newFolder } from './harness.ts';
import { type Load, refusals, startLoad, requireDocumented } from './load.ts';
import { leftOut, survived } from './report.ts';
import { openScene, type Scene } from './scene.ts';
import { Agent } from 'node:http';
import type { RunningService } from './service.ts';

const SIZE_MB = 8;
const FILLS_WITHIN_MS = 120_000;
const FULL_MS = 3_000;
const RECOVERS_WITHIN_MS = 10_000;

/** Waits until something is refused for want of room. */
async function fill(load: Load): Promise<void> {
  const until = performance.now() + FILLS_WITHIN_MS;
  while (!load.answers.some(({ status }) => status >= 500)) {
    check(performance.now() < until, `the disk is not full after ${FILLS_WITHIN_MS} ms`);
    await sleep(20);
  }
}

/** What must go on while nothing can be stored: the process, its health, and reading. */
async function stillReads(service: RunningService): Promise<void> {
  const agent = new Agent();
  for (const path of ['/healthz', '/v1/reviews?limit=5']) {
    const { status } = await sendRequest(agent, service.url + path, { timeoutMs: 10_000 });
    check(status === 200, `GET ${path} is answered ${status} while the disk is full`);
  }
}

async function isAcknowledgedAgain(scene: Scene): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { status } = await scene.client.predict();
    if (status === 200 || status === 202) return performance.now() - began;
    check(
      performance.now() - began < RECOVERS_WITHIN_MS,
      `nothing is acknowledged ${RECOVERS_WITHIN_MS} ms after there is room again`,
    );
    await sleep(50);
  }
}

async function report(fault: string, scene: Scene, load: Load, after: string): Promise<void> {
  requireDocumented(load.answers);
  survived({
    fault,
    done: `${SIZE_MB} MB`,
    found: await scene.examine(),
    note: `health and reading go on; ${refusals(load.answers)}; ${after}`,
  });
}

async function ownFileSystem(): Promise<void> {
  const folder = await newFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'sensigate-faults', folder], {
      stdio: 'pipe',
    });
  } catch (error) {
    leftOut('disk full', `a file system cannot be mounted here: ${String(error).split('\n')[0] ?? ''}`);
    return;
  }
  finallyDo(() => {
    execFileSync('umount', ['--lazy', folder]);
  });
  const scene = await openScene(null, { data: join(folder, 'data') });
  const service = await scene.start();
  const load = startLoad(scene.client, 16);
  await fill(load);
  await sleep(FULL_MS);
  await stillReads(service);
  execFileSync('mount', ['-o', `remount,size=${8 * SIZE_MB}m`, folder]);
  const back = await isAcknowledgedAgain(scene);
  await load.stop();
  await service.stop();
  await report('disk full', scene, load, `acknowledged ${Math.round(back)} ms after there is room`);
}

async function limitedFiles(): Promise<void> {
  const scene = await openScene();
  // In kilobytes. The signal that a write past the limit sends is ignored, so that the write fails as on a
  // full disk.
  const limit = `ulimit -f ${(SIZE_MB / 2) * 1024}; trap '' XFSZ; exec "$@"`;
  const limited = await scene.start({ under: ['bash', '-c', limit, 'limited'] });
  const load = startLoad(scene.client, 16);
  await fill(load);
  await sleep(FULL_MS);
  await stillReads(limited);
  limited.kill('SIGKILL');
  await limited.ended;
  const service = await scene.start();
  const back = await isAcknowledgedAgain(scene);
  await load.stop();
  await service.stop();
  await report(
    'file at its size limit, then killed',
    scene,
    load,
    `acknowledged ${Math.round(back)} ms after the restart without it`,
  );
}

await attempt(async () => {
  await ownFileSystem();
  await limitedFiles();
});
