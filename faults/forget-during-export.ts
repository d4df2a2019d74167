/**
 * Predictions are forgotten, and images are deleted by a command, while others are recorded and labelled and
 * two consumers export. Nothing is left of what was forgotten, nothing else is missing, and each consumer
 * gets each other label once.
 *
 *     node faults/run.ts forget-during-export
 */
import { execFile } from 'node:child_process';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ownServer } from '../support/postgres-server.ts';
import { sendRequest } from './client-log.ts';
import { attempt, check, finallyDo, long, pick, root } from './harness.ts';
import { requireDocumented, startLoad } from './load.ts';
import { survived } from './report.ts';
import { openScene, type Scene } from './scene.ts';

const run = promisify(execFile);

const LOAD_MS = long ? 120_000 : 12_000;

interface Label {
  readonly cursor: string;
  readonly id: string;
  readonly decided_at: string;
}

/** What one consumer was given, in its order. */
interface Consumer {
  readonly labels: readonly Label[];
  /** Asks until nothing more comes. */
  drain(): Promise<void>;
}

/** Asks for labels behind the last one it has, a few or all at a time, and keeps when each read began. */
function consume(url: string, forgottenAt: ReadonlyMap<string, number>): Consumer {
  const agent = new Agent({ keepAlive: true });
  finallyDo(() => {
    agent.destroy();
  });
  const labels: Label[] = [];
  const seen = new Set<string>();
  const read = async (): Promise<number> => {
    const sealed = await sendRequest(agent, `${url}/v1/labels/seal`, { method: 'POST' });
    check(sealed.status === 200, `the seal answers ${sealed.status}: ${sealed.text.slice(0, 200)}`);
    const since = labels.at(-1)?.cursor;
    const began = performance.now();
    const query = new URLSearchParams({ limit: String(pick([3, 40, 1000])), ...(since && { since }) });
    const { status, text } = await sendRequest(agent, `${url}/v1/labels?${query.toString()}`);
    check(status === 200, `the export answers ${status}: ${text.slice(0, 200)}`);
    const lines = text.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const label = JSON.parse(line) as Label;
      const before = labels.at(-1)?.cursor ?? '0';
      check(Number(label.cursor) > Number(before), `cursor ${label.cursor} comes behind ${before}`);
      check(!seen.has(label.id), `the label of ${label.id} came twice`);
      const gone = forgottenAt.get(label.id) ?? Infinity;
      check(gone >= began, `the label of ${label.id} was given after it was forgotten`);
      seen.add(label.id);
      labels.push(label);
    }
    return lines.length;
  };
  return {
    labels,
    drain: async () => {
      while ((await read()) > 0);
    },
  };
}

async function forgetUnderLoad(name: string, scene: Scene, databaseUrl: string | null): Promise<void> {
  const service = await scene.start();
  const { client } = scene;
  const load = startLoad(client, 8, 2);
  const forgottenAt = new Map<string, number>();
  const command = (...args: string[]): Promise<unknown> =>
    run(process.execPath, [join(root, 'src/main.ts'), ...args], {
      env: {
        PATH: process.env.PATH,
        DATA_DIR: scene.data,
        ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
      },
    });
  let stopping = false;
  const until = async (work: () => Promise<void>): Promise<void> => {
    while (!stopping) await work();
  };
  const consumers = [consume(service.url, forgottenAt), consume(service.url, forgottenAt)];
  const forgetOne = async (): Promise<void> => {
    const { ids } = client;
    if (ids.length < 20) return sleep(50);
    // One of the newest, which may be held or be exported just now, or any.
    const id = pick(pick([ids.slice(-10), ids]));
    if (await client.forget(id)) forgottenAt.set(id, performance.now());
    await sleep(5);
  };
  const work = [
    ...consumers.map((consumer) => until(() => consumer.drain())),
    until(forgetOne),
    until(async () => {
      await command('retain', '--older-than', '0m');
      await sleep(500);
    }),
  ];
  await sleep(LOAD_MS);
  stopping = true;
  await load.stop();
  await Promise.all(work);
  requireDocumented(load.answers);

  // Each consumer has each label that is left, once.
  for (const consumer of consumers) await consumer.drain();
  const fresh = consume(service.url, forgottenAt);
  await fresh.drain();
  for (const { labels } of consumers) {
    const had = new Set(labels.map(({ id }) => id));
    const missed = fresh.labels.filter(({ id }) => !had.has(id));
    check(missed.length === 0, `a consumer missed ${missed.length} labels, such as ${missed[0]?.id}`);
  }
  check(forgottenAt.size > 20, `only ${forgottenAt.size} were forgotten`);
  await service.stop();
  survived({
    fault: `forgetting during export, ${name}`,
    done: `${forgottenAt.size} forgotten`,
    found: await scene.examine(false),
    note: `${fresh.labels.length} labels left, each given once to 2 consumers; images deleted meanwhile`,
  });
}

await attempt(async () => {
  await forgetUnderLoad('SQLite', await openScene(), null);
  const server = await ownServer();
  finallyDo(() => server.stop());
  const { url } = await server.createSchema();
  await forgetUnderLoad('PostgreSQL', await openScene(url), url);
});
