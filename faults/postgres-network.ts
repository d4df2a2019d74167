/**
 * The way between service and PostgreSQL is slow, is cut again and again, and goes silent with its
 * connections open.
 *
 *     node faults/run.ts postgres-network
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ownServer } from '../support/postgres-server.ts';
import { comparingHeld } from './resource-growth.ts';
import { attempt, between, check, finallyDo, long, quantile } from './harness.ts';
import { type Load, refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { openProxy } from './tcp-proxy.ts';
import { largest } from '../src/numerics/extremes.ts';

const CUTS = long ? 60 : 15;
const SILENCES = long ? 5 : 1;
/** Longer than the service waits for a statement's answer, so that it meets its own limits. */
const SILENT_MS = 20_000;
const SLOW_MS = long ? 30_000 : 4_000;
const DELAY_MS = 50;
const RECOVERS_WITHIN_MS = 30_000;

/** Milliseconds until something sent from now on is acknowledged. */
async function recovery(load: Load, what: string): Promise<number> {
  const began = performance.now();
  const seen = load.answers.length;
  while (!load.answers.slice(seen).some(({ status }) => status === 200 || status === 202)) {
    check(
      performance.now() - began < RECOVERS_WITHIN_MS,
      `nothing is acknowledged ${RECOVERS_WITHIN_MS} ms after ${what}`,
    );
    await sleep(10);
  }
  return performance.now() - began;
}

await attempt(async () => {
  const server = await ownServer(true);
  finallyDo(() => server.stop());
  const { url } = await server.createSchema();
  const proxied = new URL(url);
  const proxy = await openProxy(Number(proxied.port));
  finallyDo(() => proxy.close());
  proxied.port = String(proxy.port);
  const scene = await openScene(proxied.href, { checkedUrl: url, timeoutMs: 60_000 });
  const service = await scene.start();
  const compare = await comparingHeld(service, scene.client);
  const load = startLoad(scene.client, 12);

  proxy.set('slow', DELAY_MS);
  const before = load.answers.length;
  await sleep(SLOW_MS);
  const slow = load.answers.slice(before).map(({ milliseconds }) => milliseconds);
  check(slow.length > 0, `nothing was answered in ${SLOW_MS} ms of a slow way`);
  proxy.set('pass');

  const afterCuts: number[] = [];
  for (let cut = 0; cut < CUTS; cut++) {
    await sleep(between(50, 400));
    proxy.set('cut');
    await sleep(between(0, 200));
    proxy.set('pass');
    afterCuts.push(await recovery(load, 'a cut'));
  }
  const afterSilence: number[] = [];
  for (let silence = 0; silence < SILENCES; silence++) {
    await sleep(between(100, 500));
    proxy.set('silent');
    await sleep(SILENT_MS);
    proxy.set('pass');
    afterSilence.push(await recovery(load, 'a silence'));
  }
  await load.stop();
  const held = await compare();
  await service.stop();
  requireDocumented(load.answers);
  const silent = load.answers.filter(({ status }) => status === 0).length;
  check(silent === 0, `${silent} requests were never answered`);
  survived({
    fault: 'way to PostgreSQL slow, cut, silent',
    done: `${SLOW_MS / 1000} s of +${DELAY_MS} ms, ${CUTS} cuts, ${SILENCES} × ${SILENT_MS / 1000} s silent`,
    found: await scene.examine(),
    note:
      `median ${Math.round(quantile(slow, 0.5))} ms while slow; acknowledged again at most ` +
      `${Math.round(largest(afterCuts))} ms after a cut, ` +
      `${Math.round(largest(afterSilence))} ms after silence; ` +
      `longest answer ${Math.round(largest(load.answers.map(({ milliseconds }) => milliseconds)))} ms; ` +
      `${refusals(load.answers)}; ${held}`,
  });
});
