/**
 * Engine processes are killed with SIGKILL at random moments under load: 200 times, 80 in the short form.
 *
 *     node faults/run.ts kill-engine
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggingClient } from './client-log.ts';
import { attempt, between, check, long, pick } from './harness.ts';
import { comparingHeld } from './resource-growth.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf, signalTo } from './service.ts';

const KILLS = long ? 200 : 60;

/** Processes that were killed again and again are started later each time, after five seconds at most. */
const MEASURES_WITHIN_MS = 20_000;

async function isMeasuredAgain(client: LoggingClient): Promise<void> {
  const until = performance.now() + MEASURES_WITHIN_MS;
  for (;;) {
    const { status, reasons } = await client.predict();
    const measured = !reasons.includes('not_measurable') && !reasons.includes('over_budget');
    if (measured && (status === 200 || status === 202)) return;
    check(performance.now() < until, `nothing is measured ${MEASURES_WITHIN_MS} ms after the last kill`);
  }
}

await attempt(async () => {
  const scene = await openScene();
  const service = await scene.start();
  const compare = await comparingHeld(service, scene.client);
  const load = startLoad(scene.client, 16);
  for (let kills = 0; kills < KILLS;) {
    // Some die before they are ready, most do not: one that never gets to work is started later each time.
    await sleep(between(50, 1000));
    const engine = await childrenOf(service.pid);
    if (engine.length > 0 && signalTo(pick(engine), 'SIGKILL')) kills++;
  }
  await isMeasuredAgain(scene.client);
  await load.stop();
  const after = startLoad(scene.client, 16);
  await sleep(1000);
  await after.stop();
  const held = await compare();
  await service.stop();
  requireDocumented([...load.answers, ...after.answers]);
  const unmeasured = load.answers.filter(({ reasons }) => reasons.includes('not_measurable')).length;
  const late = after.answers.filter(
    ({ reasons, status }) => status === 0 || reasons.includes('not_measurable'),
  ).length;
  check(late === 0, `${late} images are not measured although the processes work again`);
  survived({
    fault: 'engine process killed (SIGKILL)',
    done: `${KILLS} kills`,
    found: await scene.examine(),
    note:
      `${unmeasured} of ${load.answers.length} went to review unmeasured; ` +
      `${refusals(load.answers)}; ${held}`,
  });
});
