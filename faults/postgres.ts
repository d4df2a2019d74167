/**
 * PostgreSQL is stopped under load, smoothly (fast), at once (immediate) and by SIGKILL, and started again:
 * ten times each, twice in the short form.
 *
 *     node faults/run.ts postgres
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ownServer } from '../support/postgres-server.ts';
import { comparingHeld } from './resource-growth.ts';
import { attempt, between, check, finallyDo, long } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf } from './service.ts';
import { largest } from '../src/numerics/extremes.ts';

const WAYS = { fast: 'SIGINT', immediate: 'SIGQUIT', killed: 'SIGKILL' } as const;
const ROUNDS = long ? 10 : 2;
const RECOVERS_WITHIN_MS = 30_000;

await attempt(async () => {
  const server = await ownServer(true);
  finallyDo(() => server.stop());
  const { url } = await server.createSchema();
  const scene = await openScene(url);
  const service = await scene.start();
  const engine = await childrenOf(service.pid);
  const compare = await comparingHeld(service, scene.client);
  const load = startLoad(scene.client, 12);
  const recovered: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const signal of Object.values(WAYS)) {
      await sleep(between(300, 1500));
      await server.kill(signal);
      await sleep(between(100, 1000));
      await server.restart();
      const restarted = performance.now();
      const seen = load.answers.length;
      const isBack = (): boolean =>
        load.answers.slice(seen).some(({ status }) => status === 200 || status === 202);
      while (!isBack()) {
        check(
          performance.now() - restarted < RECOVERS_WITHIN_MS,
          `nothing is acknowledged ${RECOVERS_WITHIN_MS} ms after the database is back (${signal})`,
        );
        await sleep(10);
      }
      recovered.push(performance.now() - restarted);
    }
  }
  await load.stop();
  const held = await compare();
  check(
    JSON.stringify(await childrenOf(service.pid)) === JSON.stringify(engine),
    'an engine process was replaced, which has nothing to do with the database',
  );
  await service.stop();
  requireDocumented(load.answers);
  survived({
    fault: 'PostgreSQL stopped and restarted',
    done: `${ROUNDS} × fast, immediate, killed`,
    found: await scene.examine(),
    note:
      `first acknowledged ${Math.round(largest(recovered))} ms after it is back at most; ` +
      `${refusals(load.answers)}; ${held}`,
  });
});
