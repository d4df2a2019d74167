/**
 * PgBouncer, in transaction mode between service and PostgreSQL, is killed and started again under load.
 *
 *     node faults/run.ts pgbouncer-restart
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { ownServer } from '../support/postgres-server.ts';
import { attempt, between, check, finallyDo, long, root } from './harness.ts';
import { refusals, requireDocumented, startLoad } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';

const RESTARTS = long ? 20 : 4;
const RECOVERS_WITHIN_MS = 30_000;

await attempt(async () => {
  execFileSync('make', ['--silent', '.peers/installed'], { cwd: root, stdio: 'inherit' });
  const server = await ownServer(true);
  finallyDo(() => server.stop());
  const direct = new URL((await server.createSchema()).url);
  // PgBouncer carries no search_path: the server is this fault's own, and so is its first schema.
  direct.search = '';
  const bouncer = await startPgBouncer(Number(direct.port), { pool_mode: 'transaction' });
  finallyDo(() => bouncer.stop());
  const pooled = new URL(direct);
  pooled.port = String(bouncer.port);
  const scene = await openScene(pooled.href, { checkedUrl: direct.href });
  const service = await scene.start();
  const load = startLoad(scene.client, 12);
  for (let restart = 0; restart < RESTARTS; restart++) {
    await sleep(between(300, 1500));
    await bouncer.restart();
    const restarted = performance.now();
    const seen = load.answers.length;
    while (!load.answers.slice(seen).some(({ status }) => status === 200 || status === 202)) {
      check(
        performance.now() - restarted < RECOVERS_WITHIN_MS,
        `nothing is acknowledged ${RECOVERS_WITHIN_MS} ms after PgBouncer is back`,
      );
      await sleep(10);
    }
  }
  await load.stop();
  await service.stop();
  requireDocumented(load.answers);
  survived({
    fault: 'PgBouncer killed and restarted',
    done: `${RESTARTS} times, transaction mode`,
    found: await scene.examine(),
    note: refusals(load.answers),
  });
});
