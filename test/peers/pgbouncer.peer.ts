import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { whyNotConnected } from '../../src/store/postgres/server.ts';
import { ownServer } from '../../support/postgres-server.ts';
import { type PgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { labelNext, prediction, recordItems } from '../../support/store-fixture.ts';
import { describeReviewQueue } from '../store/contract.ts';
import { recordOne } from '../../support/record-one.ts';

const server = await ownServer();
const { url: schemaUrl } = await server.createSchema();
const base = new URL(schemaUrl);
base.search = '';
const admin = new pg.Pool({ connectionString: base.href, max: 2 });
const bouncers: PgBouncer[] = [];
after(async () => {
  for (const bouncer of bouncers) await bouncer.stop();
  await admin.end();
  await server.stop();
});

/** A database of its own, empty, by way of PgBouncer. */
async function databaseBehind({ port }: PgBouncer): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `queue_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const url = new URL(base);
  url.port = String(port);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function bouncer(settings: Readonly<Record<string, string>>): Promise<PgBouncer> {
  const started = await startPgBouncer(Number(base.port), settings);
  bouncers.push(started);
  return started;
}

// The package's own configuration has pool_mode = session and says nothing of startup parameters.
const inModes = { session: await bouncer({}), transaction: await bouncer({ pool_mode: 'transaction' }) };

// All of the contract in the mode that carries less; each test makes and migrates a database.
describeReviewQueue('PostgreSQL behind PgBouncer, pool_mode = transaction', async (clock, limits = {}) => {
  const { url, drop } = await databaseBehind(inModes.transaction);
  return {
    open: () => openPostgresStore({ url, poolSize: 3, ...limits, now: () => clock.ms }),
    remove: drop,
  };
});

describe('behind PgBouncer', () => {
  it('as its package configures it, in session mode, images are recorded, claimed and labelled', async () => {
    const { url, drop } = await databaseBehind(inModes.session);
    const queue = await openPostgresStore({ url, poolSize: 3 });
    await recordItems(queue, { a: 1, b: 2 });
    assert.equal((await labelNext(queue, 'ada', 'Shirt')).prediction.id, 'b');
    await queue.close();
    await drop();
  });

  it('more connections than it has for the server share those, and nothing of one reaches another', async () => {
    const between = await bouncer({ pool_mode: 'transaction', default_pool_size: '2' });
    const { url, drop } = await databaseBehind(between);
    const queues = await Promise.all([1, 2, 3].map(() => openPostgresStore({ url, poolSize: 5 })));
    const ids = Array.from({ length: 150 }, (_, i) => `item-${i}`);
    await Promise.all(ids.map((id, i) => recordOne(queues[i % 3]!, prediction({ id }), null)));
    const { items } = await queues[0]!.figures.statistics();
    assert.equal(items.pending, ids.length);
    for (const queue of queues) await queue.close();
    // What the service sets for its own statements must not be left on connections that others get.
    const stranger = new pg.Client({ connectionString: url });
    await stranger.connect();
    for (let i = 0; i < 4; i++) {
      const { rows } = await stranger.query<{ enable_seqscan: string }>('SHOW enable_seqscan');
      assert.equal(rows[0]!.enable_seqscan, 'on');
    }
    await stranger.end();
    await drop();
  });

  it('a restart of it fails what is under way, and nothing after', async () => {
    const between = await bouncer({ pool_mode: 'transaction' });
    const { url, drop } = await databaseBehind(between);
    const queue = await openPostgresStore({ url, poolSize: 4 });
    await recordOne(queue, prediction({ id: 'a' }), null);
    await between.restart();
    for (const id of ['b', 'c', 'd', 'e', 'f'])
      await recordOne(queue, prediction({ id }), null).catch(() => undefined);
    await recordOne(queue, prediction({ id: 'g' }), null);
    assert.notEqual(await queue.records.find('a'), null);
    assert.notEqual(await queue.records.find('g'), null);
    await queue.close();
    await drop();
  });

  it('a parameter that it does not carry is named, with what to do', async () => {
    const { url, drop } = await databaseBehind(inModes.session);
    const withOptions = `${url}?options=-c%20search_path%3Dx`;
    const error: unknown = await openPostgresStore({ url: withOptions }).catch((one: unknown) => one);
    assert.match(
      whyNotConnected(withOptions, error) ?? '',
      /does not carry the parameter "options".*ALTER ROLE/,
    );
    await drop();
  });
});
