import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import type { Recording } from '../../../src/store/records.ts';
import type { Store } from '../../../src/store/store.ts';
import { type Database, openPool } from '../../../src/store/postgres/connection.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { recordAll } from '../../../src/store/postgres/record.ts';
import { by, imageOf, minuteMs, prediction, sealAndRead } from '../../../support/store-fixture.ts';
import { anyServer, type PostgresServer } from '../../../support/postgres-server.ts';

let server: PostgresServer;
let database: Database;
let queue: Store;
before(async () => {
  server = await anyServer();
  const { url } = await server.createSchema();
  queue = await openPostgresStore({ url, poolSize: 2 });
  database = openPool(url, 1);
});
after(async () => {
  await queue.close();
  await database.close();
  await server.stop();
});

const limits = { overlaps: {}, maxOpenItems: Infinity };
const same = (id: string, sameKey: string): Recording => ({
  prediction: prediction({ id }),
  image: imageOf(1),
  sameKey,
});

const isWaitedFor = {
  name: '',
  text: 'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))',
  parameters: [],
};

/** Records it in a transaction that is open until `act` is done, or waits for it. */
async function recordDuring<T>(recording: Recording, act: () => Promise<T>): Promise<T> {
  let acting: Promise<T> | undefined;
  await database.transaction(async (connection) => {
    await recordAll(connection, limits, [recording]);
    const state = { done: false };
    acting = act().finally(() => {
      state.done = true;
    });
    acting.catch(() => undefined);
    while (!state.done && (await connection.run(isWaitedFor, {})).rows.length === 0) await wait(5);
  });
  return acting!;
}

describe('a prediction that joins an item in PostgreSQL', () => {
  it('has the label that is given while it is recorded', async () => {
    await queue.records.recordAll([same('a', 'k')]);
    const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
    const label = { label: 'Coat', reviewer: 'ada', note: null };
    const outcome = await recordDuring(same('b', 'k'), () => queue.reviewing.label('a', claim!.lease, label));
    assert.equal(outcome, 'done');
    assert.deepEqual(
      (await sealAndRead(queue)).map(({ id, label: given }) => [id, given]),
      [
        ['a', 'Coat'],
        ['b', 'Coat'],
      ],
    );
  });

  it('keeps its item and image where the other is forgotten while it is recorded', async () => {
    await queue.records.recordAll([same('c', 'l')]);
    const reason = { act: 'forgotten', who: 'lead' } as const;
    assert.deepEqual(await recordDuring(same('d', 'l'), () => queue.forgetting.remove(['c'], reason)), ['c']);
    assert.equal((await queue.records.find('d'))?.review?.id, 'c');
    assert.equal((await queue.items.find('c'))?.prediction.id, 'd');
    assert.deepEqual([...(await queue.images.get('d'))!.bytes], [1]);
  });
});
