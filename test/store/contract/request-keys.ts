import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recording } from '../../../src/store/records.ts';
import { REQUEST_KEPT_MS } from '../../../src/store/recorded-request.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  idsOf,
  imageOf,
  minuteMs,
  prediction,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const key = { caller: 'shop', key: 'order-7' };
const request = { ...key, fingerprint: 'f1' };

const recordings = (...ids: string[]): Recording[] =>
  ids.map((id) => ({ prediction: prediction({ id }), image: imageOf(1, 2) }));

export function describeRequestKeys(open: OpenFixture): void {
  describe('request keys', () => {
    it('record a request’s predictions and are known with them from then on', async (t) => {
      const { queue, openAnother } = await open(t);
      assert.equal(await queue.records.findRequest(key), null);
      assert.deepEqual(await queue.records.recordOnce(request, recordings('a', 'b')), {
        items: ['a', 'b'],
        earlier: null,
      });
      const known = { fingerprint: 'f1', ids: ['a', 'b'] };
      assert.deepEqual(await queue.records.findRequest(key), known);
      await queue.close();
      const reopened = await openAnother();
      assert.deepEqual(await reopened.records.findRequest(key), known);
      assert.deepEqual(idsOf(await reopened.reviewing.claim(by('ada', 10, minuteMs))).sort(), ['a', 'b']);
      assert.deepEqual([...(await reopened.images.get('b'))!.bytes], [1, 2]);
    });

    it('record automatic answers as well as reviews', async (t) => {
      const { queue } = await open(t);
      const auto = prediction({ id: 'a', decision: 'auto', reasons: [] });
      assert.deepEqual(await queue.records.recordOnce(request, [{ prediction: auto, image: null }]), {
        items: [null],
        earlier: null,
      });
      assert.deepEqual(await queue.records.find('a'), { prediction: auto, review: null });
    });

    it('record nothing the second time, whatever is asked for, and tell what was recorded', async (t) => {
      const { queue } = await open(t);
      await queue.records.recordOnce(request, recordings('a'));
      const again = await queue.records.recordOnce({ ...key, fingerprint: 'f2' }, recordings('b'));
      assert.deepEqual(again, { earlier: { fingerprint: 'f1', ids: ['a'] } });
      assert.equal(await queue.records.find('b'), null);
    });

    it('let one of twenty attempts at once through, in two queues over one store', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? queue : other).records.recordOnce(request, recordings(`one-${i}`, `two-${i}`)),
        ),
      );
      const winner = outcomes.findIndex(({ earlier }) => earlier === null);
      const recorded = { fingerprint: 'f1', ids: [`one-${winner}`, `two-${winner}`] };
      assert.deepEqual(
        outcomes.map(({ earlier }) => earlier),
        outcomes.map((_, i) => (i === winner ? null : recorded)),
      );
      assert.deepEqual(
        idsOf(await queue.reviewing.claim(by('ada', 100, minuteMs))).sort(),
        recorded.ids.toSorted(),
      );
    });

    it('are each caller’s own', async (t) => {
      const { queue } = await open(t);
      await queue.records.recordOnce(request, recordings('a'));
      assert.equal(await queue.records.findRequest({ ...key, caller: 'depot' }), null);
      assert.equal(
        (await queue.records.recordOnce({ ...request, caller: 'depot' }, recordings('b'))).earlier,
        null,
      );
      assert.equal(
        (await queue.records.recordOnce({ ...request, key: 'order-8' }, recordings('c'))).earlier,
        null,
      );
    });

    it('are not taken where a record is refused, and no other record of the request is kept', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'taken' }), null);
      await assert.rejects(
        queue.records.recordOnce(request, recordings('a', 'taken')),
        (error) => error instanceof StoreError && error.code === 'duplicate_id',
      );
      assert.equal(await queue.records.find('a'), null);
      assert.equal(await queue.records.findRequest(key), null);
      assert.equal((await queue.records.recordOnce(request, recordings('a'))).earlier, null);
    });

    it('are new again when their time is over, deleted or not', async (t) => {
      const { queue, clock } = await open(t);
      await queue.records.recordOnce(request, recordings('a'));
      clock.ms += REQUEST_KEPT_MS - 1;
      assert.deepEqual((await queue.records.findRequest(key))?.ids, ['a']);
      clock.ms += 1;
      assert.equal(await queue.records.findRequest(key), null);
      assert.equal(
        (await queue.records.recordOnce({ ...request, fingerprint: 'f2' }, recordings('b'))).earlier,
        null,
      );
      assert.deepEqual(await queue.records.findRequest(key), { fingerprint: 'f2', ids: ['b'] });
      assert.equal((await queue.records.find('a'))?.prediction.id, 'a');
    });

    it('are deleted when their time is over, and no other', async (t) => {
      const { queue, clock } = await open(t);
      await queue.records.recordOnce(request, recordings('a'));
      clock.ms += REQUEST_KEPT_MS - 1;
      await queue.records.recordOnce({ ...request, key: 'order-8' }, recordings('b'));
      assert.equal(await queue.retention.forgetRequests(), 0);
      clock.ms += 1;
      assert.equal(await queue.retention.forgetRequests(), 1);
      assert.equal(await queue.retention.forgetRequests(), 0);
      assert.deepEqual((await queue.records.findRequest({ ...key, key: 'order-8' }))?.ids, ['b']);
    });
  });
}
