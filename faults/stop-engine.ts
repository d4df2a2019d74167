/**
 * Engine processes are stopped with SIGSTOP under load: some go on after a while, some never do, and then
 * the watchdog must replace them.
 *
 *     node faults/run.ts stop-engine
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt, between, check, long, pick } from './harness.ts';
import { comparingHeld } from './resource-growth.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf, isAlive, signalTo } from './service.ts';

const PAUSES = long ? 60 : 15;
const HANGS = long ? 5 : 1;
/** The watchdog acts after 15 s of silence, and looks every quarter of that. */
const REPLACED_WITHIN_MS = 30_000;

await attempt(async () => {
  const scene = await openScene(null, { timeoutMs: 60_000 });
  const service = await scene.start();
  const compare = await comparingHeld(service, scene.client);
  const load = startLoad(scene.client, 16);
  for (let pause = 0; pause < PAUSES; pause++) {
    const pid = pick(await childrenOf(service.pid));
    signalTo(pid, 'SIGSTOP');
    await sleep(between(50, 800));
    signalTo(pid, 'SIGCONT');
    await sleep(between(0, 300));
  }
  const replaced: number[] = [];
  for (let hang = 0; hang < HANGS; hang++) {
    // All of them: nothing is measured until they are replaced.
    const engine = await childrenOf(service.pid);
    for (const pid of engine) signalTo(pid, 'SIGSTOP');
    const began = performance.now();
    for (const pid of engine) {
      while (await isAlive(pid)) {
        check(
          performance.now() - began < REPLACED_WITHIN_MS,
          `the stopped engine process ${pid} is not replaced after ${REPLACED_WITHIN_MS} ms`,
        );
        await sleep(50);
      }
    }
    replaced.push(performance.now() - began);
    await sleep(1500);
  }
  await load.stop();
  const after = startLoad(scene.client, 16);
  await sleep(1000);
  await after.stop();
  const held = await compare();
  await service.stop();
  requireDocumented([...load.answers, ...after.answers]);
  const unmeasured = after.answers.filter(
    ({ reasons }) => reasons.includes('not_measurable') || reasons.includes('over_budget'),
  ).length;
  check(unmeasured === 0, `${unmeasured} images are still not measured after the processes were replaced`);
  const overBudget = load.answers.filter(({ reasons }) => reasons.includes('over_budget')).length;
  survived({
    fault: 'engine stopped (SIGSTOP)',
    done: `${PAUSES} pauses, ${HANGS} hangs of all processes`,
    found: await scene.examine(),
    note:
      `replaced after ${replaced.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s; ` +
      `${overBudget} went to review as over_budget; ${refusals(load.answers)}; ${held}`,
  });
});
