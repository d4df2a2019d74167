import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { imagesApart } from '../../src/store/shared/images-apart.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { anyServer } from '../../support/postgres-server.ts';
import {
  type CreateStore,
  imageOf,
  labelNext,
  minuteMs,
  noonMs,
  prediction,
  type TestClock,
  type TestLimits,
} from '../../support/store-fixture.ts';
import { type ImagesInMemory, imagesInMemory } from '../../support/store-images.ts';
import { describeReviewQueue } from './contract.ts';
import { temporaryFolder } from './sqlite/temporary-file.ts';
import { recordOne } from '../../support/record-one.ts';

const server = await anyServer();
after(() => server.stop());

const stores: Readonly<Record<string, CreateStore>> = {
  SQLite: async (clock: TestClock, limits: TestLimits = {}) => {
    const folder = await temporaryFolder();
    return {
      open: () => openSqliteStore({ file: join(folder, 'queue.db'), ...limits, now: () => clock.ms }),
      remove: () => rm(folder, { recursive: true }),
    };
  },
  PostgreSQL: async (clock: TestClock, limits: TestLimits = {}) => {
    const { url, drop } = await server.createSchema();
    return {
      open: () => openPostgresStore({ url, poolSize: 4, ...limits, now: () => clock.ms }),
      remove: drop,
    };
  },
};

const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

for (const [name, create] of Object.entries(stores)) {
  describeReviewQueue(`${name}, with its images apart`, async (clock, limits) => {
    const store = await create(clock, limits);
    const images = imagesInMemory();
    return { ...store, open: async () => imagesApart(await store.open(), images) };
  });

  describe(`images apart from ${name}`, () => {
    /** A store, the database in which it records, and the images that lie apart. */
    async function open(t: TestContext): Promise<{ store: Store; database: Store; images: ImagesInMemory }> {
      const made = await create({ ms: noonMs });
      const database = await made.open();
      const images = imagesInMemory();
      const store = imagesApart(database, images);
      t.after(async () => {
        await store.close();
        await made.remove();
      });
      return { store, database, images };
    }

    it('lie there before the record is acknowledged, and not in the database', async (t) => {
      const { store, database, images } = await open(t);
      await recordOne(store, prediction({ id: 'a' }), imageOf(1));
      const recordings = ['b', 'c'].map((id) => ({ prediction: prediction({ id }), image: imageOf(2) }));
      const key = { caller: 'shop', key: 'order-7', fingerprint: 'f' };
      assert.equal((await store.records.recordOnce(key, recordings)).earlier, null);
      assert.deepEqual([...images.kept.keys()].sort(), ['a', 'b', 'c']);
      for (const id of ['a', 'b', 'c']) {
        assert.equal(await database.images.get(id), null);
        assert.notEqual(await store.images.get(id), null);
      }
    });

    it('are none of what nobody looks at', async (t) => {
      const { store, images } = await open(t);
      await recordOne(store, prediction({ id: 'auto', decision: 'auto', reasons: [] }), imageOf(1));
      await recordOne(store, prediction({ id: 'bare' }), null);
      assert.equal(images.kept.size, 0);
    });

    it('are put before the record is written: where they cannot be, nothing is recorded', async (t) => {
      const { store, images } = await open(t);
      await recordOne(store, prediction({ id: 'earlier' }), imageOf(2));
      images.failure = new Error('no space left');
      await assert.rejects(
        recordOne(store, prediction({ id: 'a' }), imageOf(1)),
        (error) => isUnavailable(error) && (error as Error).cause === images.failure,
      );
      await assert.rejects(store.images.get('earlier'), isUnavailable);
      images.failure = undefined;
      assert.equal(await store.records.find('a'), null);
      await recordOne(store, prediction({ id: 'a' }), imageOf(1));
      assert.notEqual(await store.records.find('a'), null);
    });

    it('are taken away again where the record is refused', async (t) => {
      const { store, images } = await open(t);
      await assert.rejects(recordOne(store, prediction({ id: 'a', priority: NaN }), imageOf(1)));
      assert.equal(images.kept.size, 0);
      const key = { caller: 'shop', key: 'order-7', fingerprint: 'f' };
      const recording = (id: string) => [{ prediction: prediction({ id }), image: imageOf(1) }];
      await store.records.recordOnce(key, recording('b'));
      assert.deepEqual((await store.records.recordOnce(key, recording('c'))).earlier?.ids, ['b']);
      assert.deepEqual([...images.kept.keys()], ['b']);
    });

    it('stay where another record has the id, or the database does not say whether it has', async (t) => {
      const { store, database, images } = await open(t);
      const twice = [imageOf(1), imageOf(2)].map((image) => recordOne(store, prediction({ id: 'a' }), image));
      const outcomes = await Promise.allSettled(twice);
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      assert.deepEqual([...(await store.images.get('a'))!.bytes], [1]);
      const lost = new StoreError('database_unavailable', 'the connection broke after COMMIT was sent');
      const losing = imagesApart(
        { ...database, records: { ...database.records, recordAll: () => Promise.reject(lost) } },
        images,
      );
      await assert.rejects(recordOne(losing, prediction({ id: 'b' }), imageOf(3)), lost);
      assert.ok(images.kept.has('b'));
    });

    it('are deleted with age where they lie, and so are those that the database still has', async (t) => {
      const { store, database, images } = await open(t);
      await recordOne(database, prediction({ id: 'earlier', priority: 3 }), imageOf(1));
      await recordOne(store, prediction({ id: 'later', priority: 2 }), imageOf(2));
      await recordOne(store, prediction({ id: 'open', priority: 1 }), imageOf(3));
      assert.deepEqual([...(await store.images.get('earlier'))!.bytes], [1]);
      await labelNext(store, 'ada', 'Shirt');
      await labelNext(store, 'ada', 'Shirt');
      assert.equal(await store.retention.deleteImages(noonMs + minuteMs), 2);
      assert.equal(await store.retention.deleteImages(noonMs + minuteMs), 0);
      assert.deepEqual([...images.kept.keys()], ['open']);
      assert.equal(await store.images.get('earlier'), null);
      for (const id of ['earlier', 'later'])
        assert.equal((await store.items.history(id))!.at(-1)!.act, 'image_deleted');
    });

    it('go with what is forgotten, first and wherever they lie', async (t) => {
      const { store, database, images } = await open(t);
      const reason = { act: 'forgotten', who: 'lead' } as const;
      await recordOne(database, prediction({ id: 'earlier' }), imageOf(1));
      await recordOne(store, prediction({ id: 'later' }), imageOf(2));
      images.failure = new Error('no answer');
      await assert.rejects(store.forgetting.remove(['earlier', 'later'], reason), isUnavailable);
      assert.ok(await store.records.find('later'));
      images.failure = undefined;
      const gone = await store.forgetting.remove(['later', 'earlier'], reason);
      assert.deepEqual([...gone].sort(), ['earlier', 'later']);
      assert.equal(images.kept.size, 0);
      assert.equal(await store.images.get('earlier'), null);
    });

    it('are deleted in batches, and counted over all of them', async (t) => {
      const { store, images } = await open(t);
      const ids = Array.from({ length: 401 }, (_, i) => `item-${i}`);
      await Promise.all(ids.map((id) => recordOne(store, prediction({ id }), imageOf(1))));
      for (let i = 0; i < ids.length; i++) await labelNext(store, 'ada', 'Shirt');
      assert.equal(await store.retention.deleteImages(noonMs + minuteMs), 401);
      assert.equal(images.kept.size, 0);
    });

    it('are deleted by the next run where the process ended before that was noted', async (t) => {
      const { store, images } = await open(t);
      await recordOne(store, prediction({ id: 'a' }), imageOf(1));
      await labelNext(store, 'ada', 'Shirt');
      images.failure = new Error('no answer');
      await assert.rejects(store.retention.deleteImages(noonMs + minuteMs), isUnavailable);
      assert.deepEqual(await store.retention.oldImages(noonMs + minuteMs, 10), [
        { itemId: 'a', predictionId: 'a' },
      ]);
      images.failure = undefined;
      images.kept.clear();
      assert.equal(await store.images.get('a'), null);
      assert.equal(await store.retention.deleteImages(noonMs + minuteMs), 1);
      assert.equal((await store.items.history('a'))!.at(-1)!.act, 'image_deleted');
    });

    it('are noted once as deleted, though two delete them at once', async (t) => {
      const { store } = await open(t);
      await recordOne(store, prediction({ id: 'a' }), imageOf(1));
      await labelNext(store, 'ada', 'Shirt');
      const counts = await Promise.all([1, 2, 3].map(() => store.retention.deleteImages(noonMs + minuteMs)));
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        1,
      );
      const history = await store.items.history('a');
      assert.equal(history!.filter(({ act }) => act === 'image_deleted').length, 1);
    });

    it('do not keep a store that closes from finishing a record, nor let it take another call', async (t) => {
      const { store, database } = await open(t);
      const recorded = recordOne(store, prediction({ id: 'a' }), imageOf(1));
      const closed = store.close();
      const isClosed = { code: 'queue_closed' };
      await assert.rejects(recordOne(store, prediction({ id: 'b' }), null), isClosed);
      await assert.rejects(store.images.get('a'), isClosed);
      await assert.rejects(store.figures.statistics(), isClosed);
      await Promise.all([recorded, closed]);
      await assert.rejects(database.records.find('a'), isClosed);
    });
  });
}
