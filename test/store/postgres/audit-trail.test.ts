import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { TrailQuery } from '../../../src/store/trail.ts';
import { trailSql } from '../../../src/store/shared/trail-plan.ts';
import { recordAct } from '../../../src/store/postgres/audit-trail.ts';
import { type Database, openPool } from '../../../src/store/postgres/connection.ts';
import { dialect } from '../../../src/store/postgres/dialect.ts';
import { migrate } from '../../../src/store/postgres/migrate.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { record } from '../../../src/store/postgres/record.ts';
import { noonMs, prediction, recordItems } from '../../../support/store-fixture.ts';
import { anyServer, type PostgresServer } from '../../../support/postgres-server.ts';

let server: PostgresServer;
let database: Database;
before(async () => {
  server = await anyServer();
  database = openPool((await server.createSchema()).url, 1);
  await migrate(database);
});
after(async () => {
  await database.close();
  await server.stop();
});

const plain = (text: string) => ({ name: '', text, parameters: [] });

describe('the audit trail in PostgreSQL', () => {
  it('tells of an item what a later release did with it', async () => {
    const { url, drop } = await server.createSchema();
    const queue = await openPostgresStore({ url, poolSize: 1 });
    await recordItems(queue, { a: 1 });
    const later = openPool(url, 1);
    await later.run(plain("INSERT INTO events (id, at_ms, act, who) VALUES ('a', 1, 'polished', 'ada')"), {});
    await later.close();
    const acts = (await queue.items.history('a'))!.map(({ act }) => act);
    assert.deepEqual(acts, ['recorded', 'polished']);
    await queue.close();
    await drop();
  });

  it('refuses to change or delete what was written, whoever asks', async () => {
    await recordAct(database, { act: 'labels_exported', who: 'trainer', detail: {} }, noonMs);
    const recording = { prediction: prediction({ id: 'a' }), image: null };
    await record(database, { overlaps: {}, maxOpenItems: Infinity }, [recording]);
    await database.run(
      plain("INSERT INTO events (id, at_ms, act, who, detail) VALUES ('a', 1, 'labelled', 'ada', 'Bag')"),
      {},
    );
    await assert.rejects(database.run(plain('UPDATE events SET detail = NULL'), {}), /append-only/);
    for (const table of ['events', 'service_events']) {
      for (const sql of [`UPDATE ${table} SET who = 'nobody'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
        await assert.rejects(database.run(plain(sql), {}), /append-only/, sql);
    }
  });

  const queries: readonly (readonly [Partial<TrailQuery>, readonly string[]])[] = [
    [{}, ['events_of_trail', 'service_events_by_time']],
    [{ act: 'labelled' }, ['events_of_trail']],
    [{ act: 'gate_changed' }, ['service_events_by_time']],
    [{ who: 'ada', act: 'labelled' }, ['events_of_trail_by_who']],
  ];
  for (const [query, indexes] of queries) {
    it(`is read by index where it is asked for ${JSON.stringify(query)}`, async () => {
      const asked = dialect.query(trailSql({ ...query, limit: 10 }, dialect));
      const values = { atMs: noonMs, itemN: 1, serviceN: 1, sinceMs: 0, who: 'ada' };
      const { rows } = await database.run({ ...asked, text: `EXPLAIN ${asked.text}` }, values);
      const plan = (rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n');
      assert.doesNotMatch(plan, /Seq Scan/);
      const used = new Set(
        [...plan.matchAll(/(?:using|on) ((?:service_)?events_(?:of|by)_\w+)/g)].map(([, name]) => name),
      );
      assert.deepEqual([...used].sort(), indexes, plan);
    });
  }
});
