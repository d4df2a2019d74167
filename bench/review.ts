/**
 * What does the review protocol cost, and does it hold under load?
 *
 * 64 reviewers empty a queue of 10,000 items at once, on both adapters, one item at a time: claim, look at
 * nothing, label. Beside them a loop of plain `pg` over a table with nothing but a lease and a label, which
 * is the least that SKIP LOCKED can cost. Every item must be labelled exactly once and claimed by nobody else
 * meanwhile.
 */
import pg from 'pg';
import type { Store } from '../src/store/store.ts';
import { by, minuteMs } from '../support/store-fixture.ts';
import { check, describeMachine, quantile, raw, result, short } from './harness.ts';
import { CONNECTIONS, postgresStore, sqliteStore } from './review-stores.ts';

const ITEMS = short ? 500 : 10_000;
const REVIEWERS = 64;

/** What a reviewer does: take the next item, null where none waits; and label what was taken. */
interface Contender {
  readonly name: string;
  readonly claim: (reviewer: string) => Promise<{ readonly id: string; readonly lease: string } | null>;
  readonly label: (id: string, lease: string, reviewer: string) => Promise<boolean>;
}

function ours(name: string, queue: Store): Contender {
  return {
    name,
    claim: async (reviewer) => {
      const [claim] = await queue.reviewing.claim(by(reviewer, 1, 10 * minuteMs));
      return claim === undefined ? null : { id: claim.prediction.id, lease: claim.lease };
    },
    label: async (id, lease, reviewer) =>
      (await queue.reviewing.label(id, lease, { label: 'Shirt', reviewer, note: null })) === 'done',
  };
}

async function plain(pool: pg.Pool): Promise<Contender> {
  await pool.query(`
    DROP TABLE IF EXISTS plain;
    CREATE TABLE plain (
      id int PRIMARY KEY, rank float8 NOT NULL, lease uuid, lease_ends timestamptz, label text);
    CREATE INDEX plain_waiting ON plain (rank) WHERE label IS NULL;
    INSERT INTO plain (id, rank) SELECT k, random() FROM generate_series(1, ${ITEMS}) k;
    ANALYZE plain`);
  return {
    name: 'plain SKIP LOCKED',
    claim: async () => {
      const { rows } = await pool.query<{ id: number; lease: string }>({
        name: 'claim',
        text: `UPDATE plain SET lease = gen_random_uuid(), lease_ends = now() + interval '10 minutes'
               WHERE id = (SELECT id FROM plain
                           WHERE label IS NULL AND (lease_ends IS NULL OR lease_ends <= now())
                           ORDER BY rank LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id, lease`,
      });
      return rows[0] === undefined ? null : { id: String(rows[0].id), lease: rows[0].lease };
    },
    label: async (id, lease) => {
      const text = 'UPDATE plain SET label = $3 WHERE id = $1 AND lease = $2 AND label IS NULL';
      return (await pool.query({ name: 'label', text, values: [id, lease, 'Shirt'] })).rowCount === 1;
    },
  };
}

async function empty({ name, claim, label }: Contender): Promise<number> {
  const labelled = new Set<string>();
  const held = new Set<string>();
  const claimMs: number[] = [];
  const labelMs: number[] = [];
  const review = async (reviewer: string): Promise<void> => {
    for (;;) {
      const start = performance.now();
      const item = await claim(reviewer);
      if (item === null) return;
      claimMs.push(performance.now() - start);
      check(!held.has(item.id), `${item.id} was claimed twice`);
      held.add(item.id);
      const middle = performance.now();
      check(await label(item.id, item.lease, reviewer), `${item.id} could not be labelled by its holder`);
      labelMs.push(performance.now() - middle);
      labelled.add(item.id);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: REVIEWERS }, (_, i) => review(`reviewer-${i}`)));
  const seconds = (performance.now() - start) / 1000;
  check(labelled.size === ITEMS, `${labelled.size} of ${ITEMS} items were labelled`);
  result(`review ${name}`, {
    items_per_s: ITEMS / seconds,
    claims_per_s: claimMs.length / seconds,
    labels_per_s: labelMs.length / seconds,
    claim_p50_ms: quantile(claimMs, 0.5),
    claim_p99_ms: quantile(claimMs, 0.99),
    label_p50_ms: quantile(labelMs, 0.5),
    label_p99_ms: quantile(labelMs, 0.99),
  });
  return ITEMS / seconds;
}

describeMachine();
console.log(
  `${REVIEWERS} reviewers, ${ITEMS} items, ${CONNECTIONS} connections; times include waiting for each other`,
);
const sqlite = await sqliteStore(ITEMS);
await empty(ours(sqlite.name, sqlite.queue));
await sqlite.remove();

const postgres = await postgresStore(ITEMS);
const pool = new pg.Pool({ connectionString: postgres.url!, max: CONNECTIONS });
// One that the server ends while it stops.
pool.on('error', () => undefined);
// Before and after: what waits for a disk depends on who else does.
const before = await empty(await plain(pool));
const full = await empty(ours(postgres.name, postgres.queue));
const after = await empty(await plain(pool));
raw('plain items/s before and after', [before, after]);
await pool.end();
await postgres.remove();
result('review PostgreSQL beside plain SKIP LOCKED', { share: (2 * full) / (before + after) });
