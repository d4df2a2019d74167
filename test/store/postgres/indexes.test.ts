import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ListFilter } from '../../../src/store/review-items.ts';
import { figureQueries } from '../../../src/store/shared/figure-queries.ts';
import { listPlan } from '../../../src/store/shared/list-plan.ts';
import { claimStatement } from '../../../src/store/postgres/claim.ts';
import { type Database, openPool } from '../../../src/store/postgres/connection.ts';
import { OLD_IMAGES } from '../../../src/store/postgres/delete-images.ts';
import { dialect } from '../../../src/store/postgres/dialect.ts';
import { READ, SEAL } from '../../../src/store/postgres/export.ts';
import { DAYS, STATISTICS } from '../../../src/store/postgres/figures.ts';
import { migrate } from '../../../src/store/postgres/migrate.ts';
import { findSame } from '../../../src/store/postgres/record.ts';
import type { Statement } from '../../../src/store/postgres/sql.ts';
import type { Values } from '../../../src/store/shared/dialect.ts';
import { by, minuteMs, modelDigest, noonMs } from '../../../support/store-fixture.ts';
import { fill } from '../../../support/fill-postgres.ts';
import { anyServer, type PostgresServer } from '../../../support/postgres-server.ts';

/**
 * Enough that the planner would rather read an index than the table, and sort rather than walk where it may.
 */
const items = 20_000;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly Plan[];
}

const planList = listPlan(dialect);
let server: PostgresServer;
let database: Database;
before(async () => {
  server = await anyServer();
  database = openPool((await server.createSchema()).url, 1);
  await migrate(database);
  await fill(database, items);
});
after(async () => {
  await database.close();
  await server.stop();
});

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** The nodes of the plan for `query`. */
async function planOf(query: Statement, values: Values): Promise<Plan[]> {
  const explain = { ...query, name: '', text: `EXPLAIN (FORMAT JSON) ${query.text}` };
  const { rows } = await database.run(explain, values);
  const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'];
  return nodesOf(plan);
}

const small = new Set(['totals']);

/** The indexes that are read, each once; fails where a table is read whole or many rows are sorted. */
async function indexesOf(query: Statement, values: Values): Promise<Set<string>> {
  const nodes = await planOf(query, { now: noonMs, ...values });
  for (const node of nodes) {
    const table = node['Relation Name'] ?? '';
    assert.ok(node['Node Type'] !== 'Seq Scan' || small.has(table), `${table} is read whole`);
    const sorts = node['Node Type'].includes('Sort');
    assert.ok(!sorts || node['Plan Rows'] < 1000, `${node['Plan Rows']} rows are sorted`);
  }
  return new Set(nodes.flatMap((node) => node['Index Name'] ?? []));
}

describe('the indexes of PostgreSQL', () => {
  it('give a claim the waiting items of its model in order, what is assigned, and the skips of one reviewer', async () => {
    for (const limit of [1, 100]) {
      const indexes = await indexesOf(claimStatement(limit), { ...by('ada', limit, minuteMs) });
      for (const index of ['items_waiting', 'items_assigned', 'skips_by_reviewer', 'opinions_pkey'])
        assert.ok(indexes.has(index), `a claim of ${limit} does not read ${index}`);
    }
  });

  const filters: readonly Partial<ListFilter>[] = [
    {},
    { state: 'pending' },
    { state: 'claimed' },
    { state: 'labelled' },
    { state: 'disputed' },
    { label: 'Bag' },
    { reason: 'audit' },
    { reason: 'audit', state: 'pending' },
    { reason: 'audit', state: 'claimed' },
    { reason: 'audit', label: 'Bag' },
    { seenBy: 'ada', state: 'pending' },
    { seenBy: 'ada', state: 'claimed' },
    { seenBy: 'ada', state: 'labelled' },
    { seenBy: 'ada', label: 'Bag' },
  ];
  for (const filter of filters) {
    it(`give a list by ${JSON.stringify(filter)} in order`, async () => {
      for (const order of ['newest', 'most_sensitive'] as const) {
        for (const cursor of [{}, { cursor: 'any' }]) {
          const values = { ...filter, priority: 0.5, createdMs: noonMs + 9, id: 'x' };
          await indexesOf(dialect.query(planList({ ...filter, ...cursor, order, limit: 50 })!), values);
        }
      }
    });
  }

  it('give statistics the live leases and the oldest open item', async () => {
    const indexes = await indexesOf(STATISTICS, {});
    assert.deepEqual([...indexes].sort(), ['items_by_created', 'items_leased']);
  });

  it('give everything else a range or single rows', async () => {
    const queries = figureQueries(dialect);
    const window = { modelDigest, gateId: 'gate-1', sinceMs: noonMs, streams: [] };
    assert.ok((await indexesOf(queries.autoDecisions, window)).has('predictions_auto'));
    assert.ok((await indexesOf(queries.auditOutcomes, window)).has('item_reasons_by_created'));
    const days = { ...window, days: 30 };
    const counted = await indexesOf(DAYS, days);
    for (const index of ['predictions_auto', 'predictions_flagged', 'opinions_by_time'])
      assert.ok(counted.has(index), index);
    assert.ok((await indexesOf(queries.dayOutcomes, days)).has('item_reasons_by_created'));
    const place = { modelDigest, decidedMs: noonMs, itemId: 'x' };
    assert.ok((await indexesOf(queries.auditLabels, { ...place, limit: 500 })).has('items_audited'));
    assert.ok((await indexesOf(queries.auditLabelsBefore, place)).has('items_audited'));
    assert.ok((await indexesOf(queries.progress, { sinceMs: noonMs })).has('opinions_by_time'));
    assert.ok((await indexesOf(READ, { after: 5, count: 500 })).has('labels_by_place'));
    assert.ok((await indexesOf(SEAL, { count: 500 })).has('labels_without_place'));
    assert.ok((await indexesOf(OLD_IMAGES, { before: noonMs, count: 200 })).has('items_with_old_image'));
    assert.ok((await indexesOf(findSame, { keys: ['one', 'two'] })).has('items_same'));
  });
});
