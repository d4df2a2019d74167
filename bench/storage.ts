/**
 * How much does the database grow? Megabytes for each thousand automatic labels, with and without their
 * images kept, and each thousand review items, without the bytes of the images, in SQLite and PostgreSQL,
 * indexes included.
 *
 *     node bench/storage.ts [--short]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { monotonicFactory } from 'ulid';
import { openPostgresStore } from '../src/store/postgres/open.ts';
import type { Json } from '../src/store/json.ts';
import type { PredictionRecord } from '../src/store/prediction-record.ts';
import type { Store } from '../src/store/store.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { ownServer } from '../support/postgres-server.ts';
import { check, eachOpen, result, short } from './harness.ts';
import { recordOne } from '../support/record-one.ts';

const RECORDS = short ? 500 : 5_000;
/** A small one, taken off the result again. */
const IMAGE_BYTES = 600;

const newId = monotonicFactory();
const hex = (length: number): string =>
  Array.from({ length }, () => Math.floor(16 * Math.random()).toString(16)).join('');
const model = { name: 'fashion-mnist', digest: `sha256:${hex(64)}` };

/** As the service makes one of ten classes. */
function record(decision: 'auto' | 'review'): PredictionRecord {
  const id = newId();
  const top = ['Shirt', 'Coat', 'Pullover', 'Dress', 'T-shirt/top'].map((label) => ({
    label,
    probability: Math.random(),
  }));
  const answer: { [key: string]: Json } = {
    id,
    decision,
    reasons: decision === 'review' ? ['sensitive'] : [],
    label: decision === 'auto' ? 'Shirt' : null,
    prediction: { label: 'Shirt', index: 6, probability: Math.random(), top },
    sensitivity: {
      value: Math.random(),
      interval: [Math.random(), Math.random()],
      confidence: 0.99,
      probes: 1,
      method: 'estimate',
    },
    signals: {
      sensitivity: Math.random(),
      confidence: Math.random(),
      margin: Math.random(),
      entropy: Math.random(),
    },
    gate: { id: hex(16), signal: 'sensitivity', threshold: 3.1078427957428905 },
    model,
    review: decision === 'review' ? { id, state: 'pending', href: `/v1/reviews/${id}` } : null,
  };
  return {
    id,
    caller: 'shop',
    stream: null,
    createdMs: Date.now(),
    inputHash: hex(64),
    modelDigest: model.digest,
    gateId: hex(16),
    decision,
    reasons: decision === 'review' ? ['sensitive'] : [],
    inclusionProbability: decision === 'review' ? 1 : 0.01,
    predictedLabel: 'Shirt',
    priority: Math.random(),
    answer,
  };
}

/** Megabytes for each thousand records, beside their images' bytes. */
async function growth(
  queue: Store,
  kind: 'auto' | 'kept' | 'review',
  sizeNow: () => Promise<number>,
): Promise<number> {
  const image = { bytes: new Uint8Array(IMAGE_BYTES), contentType: 'image/png' };
  const before = await sizeNow();
  await eachOpen(RECORDS, 32, async () => {
    const prediction = record(kind === 'review' ? 'review' : 'auto');
    await recordOne(queue, prediction, kind === 'review' ? image : null);
    if (kind !== 'kept') return;
    const { id, inclusionProbability, createdMs: keptMs } = prediction;
    await queue.keeping.keep([{ id, image, bytes: IMAGE_BYTES, keptMs, inclusionProbability, dueMs: null }]);
  });
  const grown = (await sizeNow()) - before - (kind === 'auto' ? 0 : RECORDS * IMAGE_BYTES);
  check(grown > 0, `the database has not grown over ${RECORDS} records`);
  return grown / 1000 / RECORDS;
}

const folder = await mkdtemp(join(tmpdir(), 'sensigate-storage-'));
const file = join(folder, 'sensigate.db');
const sqlite = await openSqliteStore({ file });
/** As the database sees itself: what is still in the log counts too. */
const sizeOfPages = (): Promise<number> => {
  const db = new DatabaseSync(file, { readOnly: true });
  const { bytes } = db
    .prepare(
      'SELECT (page_count - freelist_count) * page_size AS bytes ' +
        'FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
    )
    .get() as { bytes: number };
  db.close();
  return Promise.resolve(bytes);
};
result('storage', {
  database: 'SQLite',
  auto_mb_per_1000: await growth(sqlite, 'auto', sizeOfPages),
  kept_mb_per_1000: await growth(sqlite, 'kept', sizeOfPages),
  review_mb_per_1000: await growth(sqlite, 'review', sizeOfPages),
});
await sqlite.close();
await rm(folder, { recursive: true });

const server = await ownServer();
const { url } = await server.createSchema();
const postgres = await openPostgresStore({ url });
const client = new pg.Client({ connectionString: url });
await client.connect();
const sizeOfTables = async (): Promise<number> => {
  const { rows } = await client.query<{ bytes: string }>(
    'SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class ' +
      "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace",
  );
  return Number(rows[0]!.bytes);
};
result('storage', {
  database: 'PostgreSQL',
  auto_mb_per_1000: await growth(postgres, 'auto', sizeOfTables),
  kept_mb_per_1000: await growth(postgres, 'kept', sizeOfTables),
  review_mb_per_1000: await growth(postgres, 'review', sizeOfTables),
});
await client.end();
await postgres.close();
await server.stop();
