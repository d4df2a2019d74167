/**
 * The primary of PostgreSQL changes places with its standby under load: in order, with the first one a
 * standby afterwards, seen by a URL of both hosts.
 *
 *     node faults/run.ts switchover
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ownPair } from '../support/postgres-server.ts';
import { attempt, between, check, finallyDo } from './harness.ts';
import { refusals, requireDocumented, startLoad } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';

const RECOVERS_WITHIN_MS = 30_000;

await attempt(async () => {
  const servers = await ownPair();
  finallyDo(() => servers.stop());
  const hosts = servers.ports.map((port) => `127.0.0.1:${port}`).join(',');
  const url = `postgres://postgres:password@${hosts}/postgres?target_session_attrs=read-write`;
  const scene = await openScene(url, { checkedUrl: servers.urls[1] });
  const service = await scene.start();
  const load = startLoad(scene.client, 12);
  await sleep(between(1000, 2000));
  await servers.switchOver();
  const switched = performance.now();
  const seen = load.answers.length;
  while (!load.answers.slice(seen).some(({ status }) => status === 200 || status === 202)) {
    check(
      performance.now() - switched < RECOVERS_WITHIN_MS,
      `nothing is acknowledged ${RECOVERS_WITHIN_MS} ms after the switchover`,
    );
    await sleep(10);
  }
  const recoveredMs = performance.now() - switched;
  await sleep(1000);
  await load.stop();
  await service.stop();
  requireDocumented(load.answers);
  survived({
    fault: 'PostgreSQL switched over to its standby',
    done: 'once, in order, by a URL of both hosts',
    found: await scene.examine(),
    note: `first acknowledged ${Math.round(recoveredMs)} ms after it at most; ${refusals(load.answers)}`,
  });
});
