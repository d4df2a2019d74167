import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Database, openPool } from '../../src/store/postgres/connection.ts';
import { migrate, migrations as readMigrations } from '../../src/store/postgres/migrate.ts';
import { modelDigest, prediction } from '../../support/store-fixture.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import {
  endServices,
  newDataDir,
  post,
  refusedService,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';

const migrations = readMigrations();
let server: OwnServer;
before(async () => {
  server = await ownServer();
});
after(async () => {
  endServices();
  await server.stop();
});

/** What a later release may do to the schema while this one runs: add. */
const LATER = `
  ALTER TABLE predictions ADD COLUMN later text, ADD COLUMN counted int NOT NULL DEFAULT 0;
  ALTER TABLE items ADD COLUMN later text;
  ALTER TABLE opinions ADD COLUMN later text DEFAULT 'x';
  CREATE TABLE of_later (id text PRIMARY KEY REFERENCES items (id));
  CREATE INDEX predictions_by_later ON predictions (later);`;

async function newDatabase(): Promise<{ DATABASE_URL: string; database: Database }> {
  const { url } = await server.createSchema();
  return { DATABASE_URL: url, database: openPool(url, 2) };
}

const serveOver = async (DATABASE_URL: string): Promise<Service> =>
  startService({
    ...{ DATABASE_URL, DATA_DIR: await newDataDir(), GATE_FILE: '/nowhere/gate.json' },
    // The same image is sent again and again.
    JOIN_SAME_IMAGES: 'false',
  });

async function send({ url }: Service, method: string, path: string, body: unknown): Promise<Response> {
  return fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/**
 * All that a release does in a day: predicts, claims and renews, labels, discards, undoes, lists and exports.
 */
async function worksThrough(service: Service, bytes: Buffer): Promise<void> {
  const made = [await post(service, bytes), await post(service, bytes)];
  for (const { status } of made) assert.equal(status, 202);
  const claimed = await send(service, 'POST', '/v1/reviews/claim', { limit: 100 });
  const items = (await claimed.json()) as { id: string; lease: string }[];
  for (const { body } of made) assert.ok(items.some(({ id }) => id === body.id));
  const [first, second] = items as [{ id: string; lease: string }, { id: string; lease: string }];
  const { lease } = first;
  assert.equal((await send(service, 'POST', `/v1/reviews/${first.id}/renew`, { lease })).status, 200);
  assert.equal(
    (await send(service, 'PUT', `/v1/reviews/${first.id}/label`, { label: 'Bag', lease })).status,
    204,
  );
  const undone = await send(service, 'POST', `/v1/reviews/${first.id}/undo`, {});
  const again = (await undone.json()) as { lease: string };
  assert.equal(undone.status, 200, JSON.stringify(again));
  const label = { label: 'Coat', lease: again.lease };
  assert.equal((await send(service, 'PUT', `/v1/reviews/${first.id}/label`, label)).status, 204);
  const discard = await send(service, 'PUT', `/v1/reviews/${second.id}/discard`, { lease: second.lease });
  assert.equal(discard.status, 204);
  for (const item of items.slice(2)) {
    const released = await send(service, 'POST', `/v1/reviews/${item.id}/release`, { lease: item.lease });
    assert.equal(released.status, 204);
  }
  const listed = (await (await fetch(`${service.url}/v1/reviews?state=labelled`)).json()) as {
    items: object[];
  };
  assert.ok(listed.items.length > 0);
  assert.equal((await fetch(`${service.url}/v1/labels/seal`, { method: 'POST' })).status, 200);
  const exported = await (await fetch(`${service.url}/v1/labels`)).text();
  assert.ok(exported.includes(first.id));
  assert.equal((await fetch(`${service.url}/v1/reviews/statistics`)).status, 200);
}

describe('an upgrade', () => {
  it('from every earlier schema keeps what is there, though two replicas come at once', async () => {
    const [image] = await samples(1);
    for (let version = 1; version < migrations.length; version++) {
      const { DATABASE_URL, database } = await newDatabase();
      await migrate(database, migrations.slice(0, version));
      const { answer, ...fields } = prediction({ id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' });
      // As that release wrote it.
      await database.run(
        {
          name: '',
          text: `WITH prediction AS (
              INSERT INTO predictions (id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
                inclusion_probability, predicted_label, priority, answer)
              VALUES ($1, $2, $3, $4, $5, 'review', '{sensitive}', 1, 'Shirt', 0.5, $6) RETURNING id)
            INSERT INTO items (id, model_digest, rank, created_ms, agree, most, has_image)
            SELECT id, $4, -0.5, $2, 1, 1, false FROM prediction`,
          parameters: ['id', 'createdMs', 'inputHash', 'modelDigest', 'gateId', 'answer'],
        },
        { ...fields, answer: JSON.stringify(answer) },
      );
      const replicas = await Promise.all([serveOver(DATABASE_URL), serveOver(DATABASE_URL)]);
      for (const replica of replicas) {
        const found = await fetch(`${replica.url}/v1/predictions/${fields.id}`);
        assert.equal(((await found.json()) as { id: string }).id, fields.id);
        await worksThrough(replica, image!.bytes);
        replica.kill('SIGTERM');
        assert.equal(await replica.ended, 0);
      }
      assert.equal(fields.modelDigest, modelDigest);
      await database.close();
    }
  });

  it('to a schema that adds leaves the replicas of this release at work, beside those of the later', async () => {
    const { DATABASE_URL, database } = await newDatabase();
    const running = await serveOver(DATABASE_URL);
    const [image] = await samples(1);
    await worksThrough(running, image!.bytes);
    // Requests are under way while the later release migrates.
    const migrated = new AbortController();
    const working = (async () => {
      let rounds = 0;
      while (!migrated.signal.aborted || rounds < 2) {
        await worksThrough(running, image!.bytes);
        rounds++;
      }
    })();
    await migrate(database, [...migrations, LATER]);
    migrated.abort();
    await working;
    // What the later release writes into its own columns disturbs nobody.
    await database.run(
      { name: '', text: `UPDATE predictions SET later = 'y', counted = 1`, parameters: [] },
      {},
    );
    await worksThrough(running, image!.bytes);
    assert.deepEqual(
      running.lines.filter(({ level }) => level === 'error'),
      [],
    );

    // Started anew it finds a schema that it does not know, and says so before it listens.
    const refused = await refusedService({ DATABASE_URL, DATA_DIR: await newDataDir() });
    assert.equal(refused.code, 1);
    assert.match(
      refused.said,
      new RegExp(
        `schema version ${migrations.length + 1}, this program knows up to ${migrations.length}: run a newer release`,
      ),
    );
    running.kill('SIGTERM');
    assert.equal(await running.ended, 0);
    await database.close();
  });
});
