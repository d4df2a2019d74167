import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recording } from '../../../src/store/records.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  imageOf,
  labelNext,
  minuteMs,
  type OpenFixture,
  prediction,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const LEAD = { act: 'forgotten', who: 'lead' } as const;

const of = (caller: string, id: string, sameKey = id): Recording => ({
  prediction: prediction({ id, caller }),
  image: imageOf(1),
  sameKey,
});

const isRefused = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'too_many_open_items';

const pending = async (queue: Store) => (await queue.figures.statistics()).items.pending;

export function describeOpenItems(open: OpenFixture): void {
  describe('open items of one caller', () => {
    it('are so many at most, and each caller has its own', async (t) => {
      const { queue } = await open(t, {}, 2);
      await queue.records.recordAll([of('shop', 'a'), of('shop', 'b')]);
      await assert.rejects(
        queue.records.recordAll([of('shop', 'c')]),
        (error) => isRefused(error) && /"shop" has 2 images.* 2 is the most.* add 1/.test(String(error)),
      );
      assert.equal(await queue.records.find('c'), null);
      await queue.records.recordAll([of('depot', 'd')]);
      assert.equal(await pending(queue), 3);
    });

    it('are any number without a limit', async (t) => {
      const { queue } = await open(t);
      await queue.records.recordAll(Array.from({ length: 30 }, (_, i) => of('shop', `id-${i}`)));
      assert.equal(await pending(queue), 30);
    });

    it('leave nothing of a request that would bring too many, nor its key', async (t) => {
      const { queue } = await open(t, {}, 2);
      const auto = { prediction: prediction({ id: 'auto', decision: 'auto', reasons: [] }), image: null };
      const recordings = [auto, of('shop', 'a'), of('shop', 'b'), of('shop', 'c')];
      const request = { caller: 'shop', key: 'order-7', fingerprint: 'f' };
      await assert.rejects(queue.records.recordAll(recordings), isRefused);
      await assert.rejects(queue.records.recordOnce(request, recordings), isRefused);
      for (const { prediction: record } of recordings) {
        assert.equal(await queue.records.find(record.id), null);
        assert.equal(await queue.images.get(record.id), null);
      }
      assert.equal(await queue.records.findRequest(request), null);
      const taken = await queue.records.recordOnce(request, recordings.slice(0, 3));
      assert.deepEqual(taken, { items: [null, 'a', 'b'], earlier: null });
      // A repeat adds none.
      const again = await queue.records.recordOnce(request, recordings);
      assert.deepEqual(again.earlier?.ids, ['auto', 'a', 'b']);
    });

    it('are no reason to refuse what adds none: automatic answers, and images that wait already', async (t) => {
      const { queue } = await open(t, {}, 1);
      await queue.records.recordAll([of('shop', 'a', 'k')]);
      await recordOne(queue, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
      assert.deepEqual(await queue.records.recordAll([of('shop', 'b', 'k'), of('shop', 'c', 'k')]), [
        'a',
        'a',
      ]);
      await queue.records.recordAll([of('depot', 'd', 'l')]);
      assert.deepEqual(await queue.records.recordAll([of('shop', 'e', 'l')]), ['d']);
      await assert.rejects(queue.records.recordAll([of('shop', 'f', 'k'), of('shop', 'g', 'm')]), isRefused);
    });

    it('make room when they are decided, and take it again when that is taken back', async (t) => {
      const { queue, clock } = await open(t, {}, 1);
      await queue.records.recordAll([of('shop', 'a')]);
      await labelNext(queue, 'ada', 'Coat');
      await queue.records.recordAll([of('shop', 'b')]);
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('b', claim!.lease, { reviewer: 'ada', note: null });
      clock.ms += 1;
      await queue.reviewing.undo('b', { reviewer: 'ada', leaseMs: minuteMs });
      await assert.rejects(queue.records.recordAll([of('shop', 'c')]), isRefused);
    });

    it('make room when they are forgotten, and are the caller’s whose prediction they go on with', async (t) => {
      const { queue } = await open(t, {}, 1);
      await queue.records.recordAll([of('shop', 'a', 'k')]);
      await queue.records.recordAll([of('depot', 'b', 'k')]);
      await queue.forgetting.remove(['a'], LEAD);
      await assert.rejects(queue.records.recordAll([of('depot', 'c')]), isRefused);
      await queue.records.recordAll([of('shop', 'd')]);
      await queue.forgetting.remove(['b'], LEAD);
      await queue.records.recordAll([of('depot', 'e')]);
      await assert.rejects(queue.records.recordAll([of('shop', 'f')]), isRefused);
      await queue.forgetting.remove(['d'], LEAD);
      await queue.records.recordAll([of('shop', 'g')]);
    });

    it('do not pass the limit by more than what is recorded at once', async (t) => {
      const { queue, openAnother } = await open(t, {}, 5);
      const other = await openAnother();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, i) =>
          (i % 2 === 0 ? queue : other).records.recordAll([of('shop', `id-${i}`)]),
        ),
      );
      const recorded = outcomes.filter(({ status }) => status === 'fulfilled').length;
      assert.equal(await pending(queue), recorded);
      // Each queue under test has four connections at most.
      assert.ok(recorded >= 5 && recorded < 5 + 8, `${recorded} were recorded`);
      for (const one of outcomes) if (one.status === 'rejected') assert.ok(isRefused(one.reason));
    });
  });
}
