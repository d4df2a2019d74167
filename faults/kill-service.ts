/**
 * The service is killed with SIGKILL at random moments under load, and started again on the same data: 100
 * times, 30 in the short form.
 *
 *     node faults/run.ts kill-service
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, between, check, long } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf, isAlive } from './service.ts';
import { largest } from '../src/numerics/extremes.ts';

const CYCLES = long ? 100 : 30;
/** An engine process ends by itself when its service is gone. */
const ORPHANS_END_WITHIN_MS = 10_000;

await attempt(async () => {
  const scene = await openScene();
  const load = startLoad(scene.client, 16);
  const ready: number[] = [];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const service = await scene.start();
    ready.push(service.readyMs);
    // Some die before they have answered anything.
    await sleep(between(0, 1000));
    const engine = await childrenOf(service.pid);
    service.kill('SIGKILL');
    await service.ended;
    const until = performance.now() + ORPHANS_END_WITHIN_MS;
    for (const pid of engine) {
      while (await isAlive(pid)) {
        check(performance.now() < until, `engine process ${pid} outlives its service`);
        await sleep(5);
      }
    }
  }
  const last = await scene.start();
  await sleep(500);
  await load.stop();
  await last.stop();
  requireDocumented(load.answers);
  survived({
    fault: 'service killed (SIGKILL)',
    done: `${CYCLES} kills`,
    found: await scene.examine(),
    note: `ready again after ${Math.round(largest(ready))} ms at most; ${refusals(load.answers)}`,
  });
});
