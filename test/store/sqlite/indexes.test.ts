import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Database } from 'better-sqlite3';
import type { ListFilter } from '../../../src/store/review-items.ts';
import { figureQueries } from '../../../src/store/shared/figure-queries.ts';
import { listPlan } from '../../../src/store/shared/list-plan.ts';
import { CLAIM, prepareClaim } from '../../../src/store/sqlite/claim.ts';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { dialect } from '../../../src/store/sqlite/dialect.ts';
import { DAY, STATISTICS } from '../../../src/store/sqlite/figures.ts';
import { SAME } from '../../../src/store/sqlite/record.ts';
import { temporaryFile } from './temporary-file.ts';

const planList = listPlan(dialect);

interface Step {
  readonly parent: number;
  readonly detail: string;
}

/**
 * Where `sql` reads tables of items, as SQLite plans it; `sorted` after those whose rows it must sort.
 * Look-ups of single rows by primary key are left out.
 */
function readsOf(db: Database, sql: string): string[] {
  const names = [...sql.matchAll(/(?<=[^\w]):(\w+)/g)].map(([, name]) => [name!, 1] as const);
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(Object.fromEntries(names)) as Step[];
  return plan
    .filter(({ detail }) => /^(SCAN|SEARCH) (items|i|skips|item_reasons|predictions|opinions)/.test(detail))
    .filter(({ detail }) => !/USING PRIMARY KEY \(id=\?/.test(detail))
    .map(({ parent, detail }) => {
      const sorts = plan.some(
        (step) => step.parent === parent && step.detail === 'USE TEMP B-TREE FOR ORDER BY',
      );
      return detail.replace(/USING (COVERING )?INDEX /, '') + (sorts ? ', sorted' : '');
    });
}

async function open(t: TestContext): Promise<Database> {
  const db = openDatabase(await temporaryFile(t));
  t.after(() => db.close());
  return db;
}

describe('the indexes', () => {
  it('give a claim the open items of its model in order, and the skips of one reviewer', async (t) => {
    const db = await open(t);
    prepareClaim(
      db,
      () => 'token',
      () => undefined,
    );
    assert.deepEqual(readsOf(db, CLAIM), [
      'SEARCH items items_assigned (model_digest=?)',
      'SEARCH items items_waiting (model_digest=?)',
      'SEARCH skips skips_by_reviewer (reviewer=?)',
      'SEARCH items items_assigned (model_digest=?)',
    ]);
  });

  it('give statistics the live leases and the oldest open item', async (t) => {
    const db = await open(t);
    assert.deepEqual(readsOf(db, STATISTICS), [
      'SEARCH items items_leased (lease_expires_ms>? AND lease_expires_ms<?)',
      'SEARCH items items_by_created (outcome=?)',
    ]);
  });

  it('give who records the item of the same image', async (t) => {
    const db = await open(t);
    assert.deepEqual(readsOf(db, SAME), ['SEARCH items items_same (same_key=?)']);
  });

  it('give the counts of days a range of an index each', async (t) => {
    const db = await open(t);
    assert.deepEqual(readsOf(db, DAY), [
      'SEARCH opinions opinions_by_time (given_ms>? AND given_ms<?)',
      'SEARCH opinions opinions_by_time (given_ms>? AND given_ms<?)',
      'SEARCH predictions predictions_flagged (model_digest=? AND gate_id=? AND created_ms>? AND created_ms<?)',
      'SEARCH predictions predictions_auto (model_digest=? AND gate_id=? AND created_ms>? AND created_ms<?)',
    ]);
    assert.ok(readsOf(db, figureQueries(dialect).dayOutcomes)[0]!.includes('item_reasons_by_created'));
  });

  it('give the labels of audits in their order, and their number, a range of one', async (t) => {
    const db = await open(t);
    const { auditLabels, auditLabelsBefore } = figureQueries(dialect);
    assert.match(readsOf(db, auditLabels)[0]!, /^SEARCH i items_audited \(model_digest=\? AND .*>.*\)$/);
    assert.match(
      readsOf(db, auditLabelsBefore)[0]!,
      /^SEARCH i items_audited \(model_digest=\? AND .*<.*\)$/,
    );
  });

  // Of each filter the sources that are merged; * is the order. Only leases are sorted, of which people hold
  // few at once, and what one reviewer has answered and others have not yet.
  const lists: readonly (readonly [Partial<ListFilter>, readonly string[]])[] = [
    [{}, ['items_by_*', 'items_by_*', 'items_by_*', 'items_by_*']],
    [{ state: 'pending' }, ['items_by_*']],
    [{ state: 'claimed' }, ['items_leased, sorted']],
    [{ state: 'labelled' }, ['items_by_*']],
    [{ state: 'disputed' }, ['items_by_*']],
    [{ label: 'Bag' }, ['items_label_by_*']],
    [
      { reason: 'audit' },
      ['item_reasons_by_*', 'item_reasons_by_*', 'item_reasons_by_*', 'item_reasons_by_*'],
    ],
    [{ reason: 'audit', state: 'pending' }, ['item_reasons_by_*']],
    [{ reason: 'audit', state: 'claimed' }, ['items_leased, sorted']],
    [{ reason: 'audit', state: 'labelled' }, ['item_reasons_by_*']],
    [{ reason: 'audit', label: 'Bag' }, ['item_reasons_by_*']],
    [{ stream: 'camera-1' }, Array(4).fill('items_of_stream_by_*')],
    [{ stream: 'camera-1', state: 'pending' }, ['items_of_stream_by_*']],
    [{ stream: 'camera-1', reason: 'audit', state: 'labelled' }, ['items_of_stream_by_*']],
    [{ stream: 'camera-1', label: 'Bag' }, ['items_of_stream_by_*']],
    [{ seenBy: 'ada', state: 'pending' }, ['items_by_*', 'items_by_*']],
    [{ seenBy: 'ada', state: 'claimed' }, ['items_leased, sorted']],
    [{ seenBy: 'ada', state: 'labelled' }, ['items_by_*', 'opinions_undecided, sorted']],
    [{ seenBy: 'ada', state: 'discarded' }, ['items_by_*', 'opinions_undecided, sorted']],
    [{ seenBy: 'ada', label: 'Bag' }, ['items_label_by_*', 'opinions_undecided, sorted']],
  ];
  const orders = [
    ['newest', 'created', '(created_ms,id)<(?,?)'],
    ['most_sensitive', 'rank', '(rank,created_ms,id)>(?,?,?)'],
  ] as const;

  for (const [filter, sources] of lists) {
    it(`give a list by ${JSON.stringify(filter)} in order, and its next page from where the last ended`, async (t) => {
      const db = await open(t);
      for (const [order, column, after] of orders) {
        const first = readsOf(db, planList({ ...filter, order, limit: 1 })!);
        const indexes = first.map((read) => read.replace(/^\w+ \w+ (\w+)( \(.*\))?/, '$1'));
        const expected = sources.map((source) => source.replace('*', column));
        assert.deepEqual(indexes, expected);

        const next = readsOf(db, planList({ ...filter, order, limit: 1, cursor: 'any' })!);
        for (const read of next) assert.ok(read.endsWith(', sorted') || read.includes(after), read);
      }
    });
  }
});
