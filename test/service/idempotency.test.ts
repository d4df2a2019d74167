import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import {
  endServices,
  newDataDir,
  samples,
  type Served,
  type Service,
  startService,
} from '../commands/service.ts';

let server: OwnServer;
before(async () => {
  server = await ownServer();
});
after(async () => {
  endServices();
  await server.stop();
});

const NO_GATE = { GATE_FILE: '/nowhere/gate.json' };

async function send({ url }: Service, key: string, bytes: Buffer): Promise<Served['body'] | null> {
  const response = await fetch(`${url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', 'idempotency-key': key },
    body: new Uint8Array(bytes),
  });
  const body = (await response.json()) as Served['body'];
  if (response.status === 409) return null;
  assert.ok(response.status === 200 || response.status === 202, JSON.stringify(body));
  return body;
}

describe('an Idempotency-Key', () => {
  it('gives the same item after kill -9, when the service has started again', async () => {
    const DATA_DIR = await newDataDir();
    const first = await startService({ DATA_DIR, ...NO_GATE });
    const images = await samples(1);
    const answered = new Map<number, string>();
    await Promise.allSettled(
      images.map(async ({ bytes }, i) => {
        answered.set(i, (await send(first, `key-${i}`, bytes))!.id);
        if (answered.size === 4) first.kill('SIGKILL');
      }),
    );
    await first.ended;
    const second = await startService({ DATA_DIR, ...NO_GATE });
    // All are sent again, as callers do who do not know which of them came through.
    const ids = new Set<string>();
    for (const [i, { bytes }] of images.entries()) {
      const { id } = (await send(second, `key-${i}`, bytes))!;
      ids.add(id);
      if (answered.has(i)) assert.equal(id, answered.get(i));
    }
    second.kill('SIGTERM');
    assert.equal(await second.ended, 0);
    const queue = await openSqliteStore({ file: join(DATA_DIR, 'sensigate.db') });
    const { pending } = (await queue.figures.statistics()).items;
    await queue.close();
    // Not one more than there are images, whenever the kill fell.
    assert.deepEqual([ids.size, pending], [images.length, images.length]);
  });

  it('gives one item from two replicas that are asked at the same moment, and from either later', async () => {
    const { url: DATABASE_URL } = await server.createSchema();
    const environment = { DATABASE_URL, DATA_DIR: await newDataDir(), ...NO_GATE };
    const replicas = await Promise.all([startService(environment), startService(environment)]);
    const images = await samples(1);
    const ids = await Promise.all(
      images.map(async ({ bytes }, i) => {
        const sent = [...replicas, ...replicas].map((replica) => send(replica, `key-${i}`, bytes));
        const answers = (await Promise.all(sent)).filter((answer) => answer !== null);
        const later = await Promise.all(replicas.map((replica) => send(replica, `key-${i}`, bytes)));
        const different = new Set([...answers, ...later].map((answer) => answer!.id));
        assert.equal(different.size, 1);
        return [...different][0]!;
      }),
    );
    const response = await fetch(`${replicas[0].url}/v1/reviews?limit=100`);
    const { items } = (await response.json()) as { items: { id: string }[] };
    assert.deepEqual(items.map(({ id }) => id).sort(), ids.sort());
  });
});
