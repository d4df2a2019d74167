import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrailQuery } from '../../../src/store/trail.ts';
import { LAST_CHANGE } from '../../../src/store/shared/trail.ts';
import { trailSql } from '../../../src/store/shared/trail-plan.ts';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { dialect } from '../../../src/store/sqlite/dialect.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { labelNext, recordItems } from '../../../support/store-fixture.ts';
import { temporaryFile } from './temporary-file.ts';

describe('the audit trail in SQLite', () => {
  it('refuses to change or delete what was written, whoever has the file', async (t) => {
    const file = await temporaryFile(t);
    const queue = await openSqliteStore({ file });
    await recordItems(queue, { a: 1 });
    await labelNext(queue, 'ada', 'Bag');
    await queue.trail.recordChange({ act: 'gate_changed', state: { id: 'one' } });
    await queue.close();
    const db = openDatabase(file);
    t.after(() => db.close());
    assert.throws(() => db.exec('UPDATE events SET detail = NULL'), /append-only/);
    for (const table of ['events', 'service_events']) {
      for (const sql of [`UPDATE ${table} SET who = 'nobody'`, `DELETE FROM ${table}`])
        assert.throws(() => db.exec(sql), /append-only/, sql);
    }
  });

  it('tells of an item what a later release did with it', async (t) => {
    const file = await temporaryFile(t);
    const queue = await openSqliteStore({ file });
    await recordItems(queue, { a: 1 });
    const db = openDatabase(file);
    db.exec("INSERT INTO events (id, at_ms, act, who) VALUES ('a', 1, 'polished', 'ada')");
    db.close();
    const acts = (await queue.items.history('a'))!.map(({ act }) => act);
    assert.deepEqual(acts, ['recorded', 'polished']);
    await queue.close();
  });

  // Each source is a range of an index in the order of the trail; only the merged page of them is sorted.
  const queries: readonly (readonly [Partial<TrailQuery>, readonly string[]])[] = [
    [{}, ['events_of_trail', 'service_events_by_time']],
    [{ act: 'labelled' }, ['events_of_trail']],
    [{ act: 'gate_changed' }, ['service_events_by_time']],
    [{ who: 'ada', act: 'labelled' }, ['events_of_trail_by_who']],
  ];
  for (const [query, indexes] of queries) {
    it(`is read by index where it is asked for ${JSON.stringify(query)}`, async (t) => {
      const db = openDatabase(await temporaryFile(t));
      t.after(() => db.close());
      const sql = trailSql({ ...query, limit: 10 }, dialect);
      const values = { atMs: 1, itemN: 1, serviceN: 1, sinceMs: 0, who: 'ada', count: 11 };
      const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(values) as {
        parent: number;
        detail: string;
      }[];
      const reads = plan.filter(({ detail }) => /^(SCAN|SEARCH) (service_)?events/.test(detail));
      const used = reads.map(({ detail }) => /^SEARCH .* USING INDEX (\w+) \(/.exec(detail)?.[1] ?? detail);
      assert.deepEqual([...new Set(used)].sort(), indexes);
      for (const { parent } of reads) {
        const sorts = plan.some(
          (step) => step.parent === parent && step.detail.startsWith('USE TEMP B-TREE FOR'),
        );
        assert.ok(!sorts || reads.length === 1, sql);
      }
    });
  }

  it('finds the last change by index', async (t) => {
    const db = openDatabase(await temporaryFile(t));
    t.after(() => db.close());
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${LAST_CHANGE}`).all({ act: 'gate_changed' }) as {
      detail: string;
    }[];
    assert.deepEqual(
      plan.map(({ detail }) => detail),
      ['SEARCH service_events USING INDEX service_events_by_act (act=?)'],
    );
  });
});
