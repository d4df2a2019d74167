import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { by, idsOf, labelNext, minuteMs, prediction } from '../../../support/store-fixture.ts';
import { imageFor } from '../sqlite/recorded-image.ts';
import { type OwnServer, ownServer } from '../../../support/postgres-server.ts';
import { recordOne } from '../../../support/record-one.ts';

const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

let server: OwnServer;
before(async () => {
  server = await ownServer();
});
after(() => server.stop());

async function open(t: TestContext): Promise<{ queue: Store; url: string }> {
  const { url } = await server.createSchema();
  const queue = await openPostgresStore({ url, poolSize: 8 });
  t.after(() => queue.close());
  return { queue, url };
}

describe('when PostgreSQL is killed', () => {
  it('every call says that the database does not answer, and works again once it does', async (t) => {
    const { queue } = await open(t);
    await recordOne(queue, prediction({ id: 'a' }), null);
    await server.kill();
    await assert.rejects(recordOne(queue, prediction({ id: 'b' }), null), isUnavailable);
    await assert.rejects(queue.reviewing.claim(by('ada', 1, minuteMs)), isUnavailable);
    await assert.rejects(queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs }), isUnavailable);
    await assert.rejects(queue.labels.seal({ who: 'trainer' }), isUnavailable);
    await assert.rejects(
      queue.labels.exportLabels({ since: null })[Symbol.asyncIterator]().next(),
      isUnavailable,
    );
    await server.restart();
    assert.equal((await labelNext(queue, 'ada', 'Shirt')).prediction.id, 'a');
  });

  it('no acknowledged item or label is lost', async (t) => {
    const { queue, url } = await open(t);
    const recorded: string[] = [];
    const labelled: string[] = [];
    const work = async (worker: number): Promise<void> => {
      for (let i = 0; ; i++) {
        const id = `item-${worker}-${i}`;
        await recordOne(queue, prediction({ id }), imageFor(id));
        recorded.push(id);
        if (recorded.length === 60) void server.kill();
        const [claim] = await queue.reviewing.claim(by(`worker-${worker}`, 1, minuteMs));
        if (!claim || i % 2 === 0) continue;
        const label = { label: 'Coat', reviewer: `worker-${worker}`, note: null };
        if ((await queue.reviewing.label(claim.prediction.id, claim.lease, label)) === 'done')
          labelled.push(claim.prediction.id);
      }
    };
    const ends = await Promise.allSettled([0, 1, 2, 3].map(work));
    for (const end of ends) assert.ok(end.status === 'rejected' && isUnavailable(end.reason));
    await server.restart();
    for (const id of recorded) {
      assert.notEqual(await queue.records.find(id), null, `${id} is lost`);
      assert.deepEqual(await queue.images.get(id), imageFor(id));
    }
    assert.ok(labelled.length > 0);
    for (const id of labelled) assert.equal((await queue.records.find(id))!.review!.label, 'Coat');
    // Another replica, an hour later by its clock: whatever is not labelled can be claimed.
    const later = await openPostgresStore({ url, now: () => Date.now() + 60 * minuteMs });
    const waiting = (await later.figures.statistics()).items.pending;
    assert.equal(idsOf(await later.reviewing.claim(by('ben', 1000, minuteMs))).length, waiting);
    // Not `labelled.length`: a label whose answer the kill cut off may stand.
    const decided = (await later.figures.statistics()).items.labelled;
    assert.ok(decided >= labelled.length && waiting + decided >= recorded.length);
    await later.close();
  });

  it('a queue that cannot be opened says so', async () => {
    const { url } = await server.createSchema();
    await server.kill();
    await assert.rejects(openPostgresStore({ url }), isUnavailable);
    await server.restart();
  });
});

describe('when the way to PostgreSQL breaks', () => {
  it('while a new connection is being prepared, the call fails and the next one is served', async (t) => {
    const { url } = await server.createSchema();
    const target = Number(new URL(url).port);
    let breaks = 0;
    let isBroken = false;
    const connections = new Set<Socket>();
    const proxy = createServer((near) => {
      connections.add(near);
      const far = connect(target, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.on('data', (data) => {
        if (isBroken && data.includes('enable_seqscan')) {
          breaks++;
          near.resetAndDestroy();
          far.destroy();
        } else far.write(data);
      });
      far.on('data', (data) => near.write(data));
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const proxied = new URL(url);
    proxied.port = String((proxy.address() as AddressInfo).port);
    const queue = await openPostgresStore({ url: proxied.href, poolSize: 2 });
    t.after(() => queue.close());
    await recordOne(queue, prediction({ id: 'a' }), null);

    isBroken = true;
    for (const connection of connections) connection.destroy();
    // An idle connection may be asked before it is known to be gone; the second call needs a new one for
    // sure.
    await assert.rejects(recordOne(queue, prediction({ id: 'b' }), null), isUnavailable);
    await assert.rejects(recordOne(queue, prediction({ id: 'b' }), null), isUnavailable);
    assert.ok(breaks > 0, 'a connection broke while it was prepared');
    isBroken = false;
    await recordOne(queue, prediction({ id: 'c' }), null);
    assert.notEqual(await queue.records.find('c'), null);
  });
});
