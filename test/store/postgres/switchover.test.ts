import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProxy } from '../../../faults/tcp-proxy.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { whyNotConnected } from '../../../src/store/postgres/server.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import type { Store } from '../../../src/store/store.ts';
import { freePort } from '../../../support/free-port.ts';
import {
  anyServer,
  ownPair,
  type PostgresServer,
  type ServerPair,
} from '../../../support/postgres-server.ts';
import { by, minuteMs, prediction } from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const POOL = 4;

const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

async function pair(t: TestContext): Promise<ServerPair> {
  const servers = await ownPair();
  t.after(() => servers.stop());
  return servers;
}

async function openAt(t: TestContext, url: string): Promise<Store> {
  const queue = await openPostgresStore({ url, poolSize: POOL });
  t.after(() => queue.close());
  return queue;
}

const at = (url: string, port: number): string => {
  const proxied = new URL(url);
  proxied.port = String(port);
  return proxied.href;
};

/** A request with a key, as it is recorded in a transaction. */
function recordOnce(queue: Store, id: string = randomUUID()): Promise<unknown> {
  const recording = { prediction: prediction({ id }), image: null };
  return queue.records.recordOnce({ caller: 'ada', key: id, fingerprint: id }, [recording]);
}

/** Opens all connections of the pool, and leaves them idle. */
const openAll = (queue: Store): Promise<unknown> =>
  Promise.all(Array.from({ length: POOL * 3 }, () => recordOnce(queue)));

/** How many of these fail, one after the other; any other error than 503 ends the test. */
async function failuresOf(count: number, call: () => Promise<unknown>): Promise<number> {
  let failed = 0;
  for (let i = 0; i < count; i++) {
    await call().catch((error: unknown) => {
      assert.ok(isUnavailable(error), String(error));
      failed++;
    });
  }
  return failed;
}

describe('when the primary of PostgreSQL is another one', () => {
  it('a primary that was turned read-only, its name moved, fails no more than once a connection', async (t) => {
    const servers = await pair(t);
    const proxy = await openProxy(servers.ports[0]);
    t.after(() => proxy.close());
    const queue = await openAt(t, at(servers.urls[0], proxy.port));
    await openAll(queue);
    await servers.promote();
    await servers.makeReadOnly();
    proxy.aim(servers.ports[1]);
    const failed = await failuresOf(POOL * 4, () => recordOnce(queue));
    assert.ok(failed <= POOL, `${failed} of ${POOL * 4} keyed requests fail, over ${POOL} connections`);
    await recordOnce(queue, 'afterwards');
    const found = await servers.admin(1, `SELECT id FROM predictions WHERE id = 'afterwards'`);
    assert.equal(found.length, 1);
  });

  it('reads do not go on from it once it is behind', async (t) => {
    const servers = await pair(t);
    const proxy = await openProxy(servers.ports[0]);
    t.after(() => proxy.close());
    const queue = await openAt(t, at(servers.urls[0], proxy.port));
    await openAll(queue);
    await servers.promote();
    await servers.makeReadOnly();
    proxy.aim(servers.ports[1]);
    const other = await openAt(t, servers.urls[1]);
    await recordOne(other, prediction({ id: 'later' }), null);
    let found = null;
    for (let tries = 0; found === null && tries < 100; tries++) {
      found = await queue.records.find('later');
      if (found === null) await sleep(50);
    }
    assert.notEqual(found, null, 'after 5 s a read still comes from the server that is no primary any more');
  });

  it('a URL of both hosts finds the one that takes writes, before and after', async (t) => {
    const servers = await pair(t);
    const both = `postgres://postgres:password@127.0.0.1:${servers.ports[1]},127.0.0.1:${servers.ports[0]}/postgres`;
    const queue = await openAt(t, `${both}?target_session_attrs=read-write`);
    await openAll(queue);
    await servers.switchOver();
    const failed = await failuresOf(POOL * 4, () => recordOnce(queue));
    assert.ok(failed <= POOL, `${failed} of ${POOL * 4} keyed requests fail, over ${POOL} connections`);
    assert.equal((await queue.reviewing.claim(by('ada', 1, minuteMs))).length, 1);
    const replicas = await servers.admin(0, 'SELECT pg_is_in_recovery() AS standby');
    assert.deepEqual(replicas, [{ standby: true }]);
  });
});

describe('a database that cannot be used', () => {
  let server: PostgresServer;
  before(async () => {
    server = await anyServer();
  });
  after(() => server.stop());

  it('is named host by host, each with what happened there', async () => {
    const ports = [await freePort(), await freePort()];
    const url = `postgres://ada:geheim@127.0.0.1:${ports[0]},[::1]:${ports[1]}/queue?connect_timeout=2`;
    const error: unknown = await openPostgresStore({ url }).catch((one: unknown) => one);
    assert.ok(isUnavailable(error));
    const why = whyNotConnected(url, error) ?? '';
    assert.match(why, new RegExp(`127\\.0\\.0\\.1:${ports[0]}: no server listens there`));
    assert.match(why, new RegExp(`\\[::1\\]:${ports[1]}: `));
    assert.match(why, /database "queue", user "ada"/);
    assert.doesNotMatch(why, /geheim/);
  });

  it('is refused by name where it is not in UTF8', async () => {
    const { url, drop } = await server.createSchema();
    const base = new URL(url);
    base.search = '';
    const name = `latin_${randomUUID().replaceAll('-', '')}`;
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: base.href });
    await client.connect();
    await client.query(
      `CREATE DATABASE ${name} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    base.pathname = `/${name}`;
    try {
      await assert.rejects(
        openPostgresStore({ url: base.href }),
        (error) =>
          error instanceof StoreError &&
          error.code === 'unsuitable_database' &&
          error.message.includes(`"${name}" to be in UTF8; its encoding is LATIN1`),
      );
    } finally {
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
      await drop();
    }
  });
});
