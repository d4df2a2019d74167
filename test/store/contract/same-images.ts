import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PredictionRecord } from '../../../src/store/prediction-record.ts';
import type { Recording } from '../../../src/store/records.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  holdOf,
  idsOf,
  imageOf,
  labelNext,
  minuteMs,
  noonMs,
  type OpenFixture,
  prediction,
  sealAndRead,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const LEAD = { act: 'forgotten', who: 'lead' } as const;

/** One of the image whose key is `k`. */
const same = (id: string, fields: Partial<PredictionRecord> = {}): Recording => ({
  prediction: prediction({ id, ...fields }),
  image: imageOf(1, 2, 3),
  sameKey: 'k',
});

/** Records them one after the other, each as a request of its own; the items. */
async function recordEach(queue: Store, recordings: readonly Recording[]): Promise<(string | null)[]> {
  const items: (string | null)[] = [];
  for (const one of recordings) items.push((await queue.records.recordAll([one]))[0]!);
  return items;
}

const states = async (queue: Store) => (await queue.figures.statistics()).items;
const labelOf = async (queue: Store, id: string) => (await queue.records.find(id))?.review?.label;
const bytesUnder = async (queue: Store, id: string) => {
  const image = await queue.images.get(id);
  return image === null ? null : [...image.bytes];
};

export function describeSameImages(open: OpenFixture): void {
  describe('predictions of the same image', () => {
    it('are one item, which shows one image and is told to each', async (t) => {
      const { queue } = await open(t);
      assert.deepEqual(
        await recordEach(
          queue,
          ['a', 'b', 'c'].map((id) => same(id)),
        ),
        ['a', 'a', 'a'],
      );
      assert.deepEqual(await states(queue), {
        ...{ pending: 1, claimed: 0, labelled: 0, discarded: 0, disputed: 0 },
      });
      assert.deepEqual(idsOf((await queue.items.list({ order: 'newest', limit: 9 })).items), ['a']);
      assert.deepEqual(await bytesUnder(queue, 'a'), [1, 2, 3]);
      for (const id of ['b', 'c']) {
        assert.equal(await bytesUnder(queue, id), null);
        const { prediction: found, review } = (await queue.records.find(id))!;
        assert.equal(found.id, id);
        assert.deepEqual([review?.id, review?.createdMs, review?.state], ['a', noonMs, 'pending']);
      }
    });

    it('are one item also where one request has them all, whether or not it has a key', async (t) => {
      const { queue } = await open(t);
      const auto = { prediction: prediction({ id: 'auto', decision: 'auto', reasons: [] }), image: null };
      const other = { ...same('other'), sameKey: 'l' };
      assert.deepEqual(await queue.records.recordAll([same('a'), auto, other, same('b')]), [
        'a',
        null,
        'other',
        'a',
      ]);
      const request = { caller: 'shop', key: 'order-7', fingerprint: 'f' };
      assert.deepEqual(await queue.records.recordOnce(request, [same('c'), same('d')]), {
        items: ['a', 'a'],
        earlier: null,
      });
      assert.deepEqual(await queue.records.recordOnce(request, [same('e'), same('f')]), {
        earlier: { fingerprint: 'f', ids: ['c', 'd'] },
      });
      assert.equal((await states(queue)).pending, 2);
    });

    it('are one item though forty are recorded at once, by two queues over one store', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const all = await Promise.all(
        Array.from({ length: 40 }, (_, i) => {
          const { records } = i % 2 === 0 ? queue : other;
          const id = `id-${i}`;
          // Some have a second image, in another order each.
          const second = { ...same(`second-${i}`), sameKey: 'l' };
          return records.recordAll(i % 4 < 2 ? [same(id), second] : [second, same(id)]);
        }),
      );
      assert.equal((await states(queue)).pending, 2);
      assert.equal(new Set(all.flat()).size, 2);
    });

    it('have each the label that is given once, and each a line of the export', async (t) => {
      const { queue } = await open(t);
      await recordEach(queue, [same('a'), same('b', { createdMs: noonMs + 5, caller: 'other' })]);
      await labelNext(queue, 'ada', 'Coat');
      for (const id of ['a', 'b']) assert.equal(await labelOf(queue, id), 'Coat');
      assert.deepEqual(
        (await sealAndRead(queue)).map(({ id, itemId, imageId, label, reviewers, createdMs }) => [
          ...[id, itemId, imageId, label, ...reviewers, createdMs],
        ]),
        [
          ['a', 'a', 'a', 'Coat', 'ada', noonMs],
          ['b', 'a', 'a', 'Coat', 'ada', noonMs + 5],
        ],
      );
      const { labelled } = await states(queue);
      assert.equal(labelled, 1);
    });

    it('join what somebody holds, whose lease stands', async (t) => {
      const { queue } = await open(t);
      await recordEach(queue, [same('a')]);
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.deepEqual(await recordEach(queue, [same('b')]), ['a']);
      assert.equal(await queue.reviewing.renew('a', holdOf(claim!), minuteMs), 'done');
      const label = { label: 'Coat', reviewer: 'ada', note: null };
      assert.equal(await queue.reviewing.label('a', claim!.lease, label), 'done');
      assert.equal(await labelOf(queue, 'b'), 'Coat');
    });

    it('join what is disputed, and have an item of their own once it is decided', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 2 } });
      await recordEach(queue, [same('a')]);
      await labelNext(queue, 'ada', 'Coat');
      await labelNext(queue, 'bob', 'Bag');
      assert.equal((await states(queue)).disputed, 1);
      assert.deepEqual(await recordEach(queue, [same('b')]), ['a']);
      await queue.reviewing.reassign('a', { by: 'lead', to: null });
      await labelNext(queue, 'cleo', 'Shirt');
      assert.deepEqual(await recordEach(queue, [same('c')]), ['c']);
      assert.equal(await labelOf(queue, 'b'), 'Shirt');
      assert.equal(await labelOf(queue, 'c'), null);
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('c', claim!.lease, { reviewer: 'ada', note: null });
      // One of two has said so.
      assert.deepEqual(await recordEach(queue, [same('d')]), ['c']);
    });

    it('lose the label together when it is taken back, but for one that is exported', async (t) => {
      const { queue, clock } = await open(t);
      await recordEach(queue, [same('a'), same('b')]);
      await labelNext(queue, 'ada', 'Coat');
      clock.ms += 1;
      const claim = await queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs });
      assert.ok(typeof claim === 'object');
      for (const id of ['a', 'b']) assert.equal(await labelOf(queue, id), null);
      assert.deepEqual(await sealAndRead(queue), []);
      const bag = { label: 'Bag', reviewer: 'ada', note: null };
      await queue.reviewing.label('a', claim.lease, bag);
      await queue.labels.seal({ who: 'trainer', limit: 1 });
      assert.equal(await queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs }), 'label_exported');
      for (const id of ['a', 'b']) assert.equal(await labelOf(queue, id), 'Bag');
    });

    it('come no later than any of them would alone, and no sooner', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'between', priority: 2 }), null);
      await recordEach(queue, [same('a', { priority: 1 })]);
      const order = async () =>
        idsOf((await queue.items.list({ order: 'most_sensitive', reason: 'sensitive', limit: 9 })).items);
      assert.deepEqual(await order(), ['between', 'a']);
      await recordEach(queue, [same('b', { priority: 3 })]);
      assert.deepEqual(await order(), ['a', 'between']);
      await recordEach(queue, [same('c', { priority: 0 })]);
      assert.deepEqual(await order(), ['a', 'between']);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 9, minuteMs))), ['a', 'between']);
    });

    it('have items of their own without a key, with another, and without an image', async (t) => {
      const { queue } = await open(t);
      const { sameKey, ...alone } = same('b');
      assert.equal(sameKey, 'k');
      const bare = { ...same('d'), image: null };
      const recordings = [
        same('a'),
        alone,
        { ...same('c'), sameKey: 'l' },
        bare,
        { ...same('e'), image: null },
      ];
      assert.deepEqual(await recordEach(queue, recordings), ['a', 'b', 'c', 'd', 'e']);
    });

    it('do not join an item whose image is deleted', async (t) => {
      const { queue, clock } = await open(t);
      await recordEach(queue, [same('a')]);
      await labelNext(queue, 'ada', 'Coat');
      clock.ms += minuteMs;
      assert.equal(await queue.retention.deleteImages(clock.ms), 1);
      await queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs });
      assert.deepEqual(await recordEach(queue, [same('b')]), ['b']);
    });

    it('are refused alone under an id that is known', async (t) => {
      const { queue } = await open(t);
      await recordEach(queue, [same('a')]);
      await assert.rejects(
        queue.records.recordAll([same('b'), same('a')]),
        (error) => error instanceof StoreError && error.code === 'duplicate_id',
      );
      assert.equal(await queue.records.find('b'), null);
      assert.deepEqual(await bytesUnder(queue, 'a'), [1, 2, 3]);
      assert.deepEqual(await recordEach(queue, [same('c')]), ['a']);
    });

    for (const decided of [false, true]) {
      it(`keep item, image and label when one is forgotten, ${decided ? 'labelled' : 'waiting'}`, async (t) => {
        const { queue } = await open(t);
        await recordEach(queue, [same('a'), same('b'), same('c')]);
        if (decided) await labelNext(queue, 'ada', 'Coat');
        const before = await states(queue);
        assert.deepEqual(await queue.forgetting.remove(['a'], LEAD), ['a']);
        assert.equal(await queue.records.find('a'), null);
        assert.equal(await bytesUnder(queue, 'a'), null);
        assert.deepEqual(await states(queue), before);
        const [item] = (await queue.items.list({ order: 'newest', limit: 9 })).items;
        assert.deepEqual([item!.review.id, item!.prediction.id], ['a', 'b']);
        assert.deepEqual(await bytesUnder(queue, 'b'), [1, 2, 3]);
        if (!decided) await labelNext(queue, 'ada', 'Coat');
        assert.deepEqual(
          (await sealAndRead(queue)).map(({ id, imageId, label }) => [id, imageId, label]),
          [
            ['b', 'b', 'Coat'],
            ['c', 'b', 'Coat'],
          ],
        );
        // One that showed no image leaves the others as they are.
        await queue.forgetting.remove(['c'], LEAD);
        assert.deepEqual(await bytesUnder(queue, 'b'), [1, 2, 3]);
        await queue.forgetting.remove(['b'], LEAD);
        assert.deepEqual(await states(queue), { ...before, pending: 0, labelled: 0 });
        for (const id of ['a', 'b', 'c']) assert.equal(await bytesUnder(queue, id), null);
        assert.equal(await queue.items.find('a'), null);
        assert.deepEqual(await sealAndRead(queue), []);
      });
    }

    it('are all gone with item and image where all are forgotten at once', async (t) => {
      const { queue } = await open(t);
      await recordEach(queue, [same('a'), same('b'), same('c')]);
      assert.deepEqual([...(await queue.forgetting.remove(['b', 'a', 'c'], LEAD))].sort(), ['a', 'b', 'c']);
      assert.equal((await states(queue)).pending, 0);
      for (const id of ['a', 'b', 'c']) assert.equal(await bytesUnder(queue, id), null);
      assert.deepEqual(await recordEach(queue, [same('d')]), ['d']);
    });

    it('lose none of a storm of joining, forgetting and labelling at once', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const ids = Array.from({ length: 60 }, (_, i) => `id-${String(i).padStart(2, '0')}`);
      const forgotten = new Set<string>();
      await Promise.all(
        ids.map(async (id, i) => {
          const [one, two] = i % 2 === 0 ? [queue, other] : [other, queue];
          await one.records.recordAll([same(id)]);
          if (i % 3 === 0) for (const gone of await two.forgetting.remove([id], LEAD)) forgotten.add(gone);
          if (i % 7 !== 0) return;
          const [claim] = await two.reviewing.claim(by(`reviewer-${i}`, 1, minuteMs));
          if (claim === undefined) return;
          const label = { label: 'Coat', reviewer: `reviewer-${i}`, note: null };
          await two.reviewing.label(claim.review.id, claim.lease, label);
        }),
      );
      assert.equal(forgotten.size, 20);
      while ((await states(queue)).pending > 0) await labelNext(queue, 'ada', 'Coat');
      const left = ids.filter((id) => !forgotten.has(id));
      const exported = await sealAndRead(queue);
      assert.deepEqual(exported.map(({ id }) => id).sort(), left);
      for (const { imageId } of exported) assert.deepEqual(await bytesUnder(queue, imageId!), [1, 2, 3]);
      const { items } = await queue.items.list({ order: 'newest', limit: 100 });
      assert.equal((await states(queue)).labelled, items.length);
    });
  });
}
