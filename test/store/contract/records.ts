import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  idsOf,
  imageOf,
  minuteMs,
  prediction,
  type OpenFixture,
  entryOf,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

export function describeRecords(open: OpenFixture): void {
  describe('records', () => {
    it('gives back a prediction as it was recorded', async (t) => {
      const { queue } = await open(t);
      const recorded = prediction({
        id: 'a',
        reasons: ['unconfident', 'audit'],
        gateId: null,
        predictedLabel: null,
        priority: Number.MAX_VALUE,
        answer: { text: 'é "quoted" \u{1F97E}', nested: { list: [1, null, { deep: true }] }, number: 0.1 },
      });
      await recordOne(queue, recorded, null);
      assert.deepEqual(await queue.records.find('a'), {
        prediction: recorded,
        review: {
          ...entryOf(recorded),
          state: 'pending',
          reviewer: null,
          leaseExpiresMs: null,
          label: null,
          finding: null,
          decidedMs: null,
          note: null,
          assignedTo: null,
          opinions: [],
        },
      });
    });

    it('finds nothing under an unknown id', async (t) => {
      const { queue } = await open(t);
      assert.equal(await queue.records.find('nobody'), null);
      assert.equal(await queue.images.get('nobody'), null);
      assert.equal(await queue.images.size('nobody'), null);
    });

    it('keeps an automatic prediction without a review, and never offers it', async (t) => {
      const { queue } = await open(t);
      const recorded = prediction({ id: 'a', decision: 'auto', reasons: [] });
      await recordOne(queue, recorded, null);
      assert.deepEqual(await queue.records.find('a'), { prediction: recorded, review: null });
      assert.deepEqual(await queue.reviewing.claim(by('ada', 10, minuteMs)), []);
      assert.equal(
        await queue.reviewing.label('a', 'no lease', { label: 'Bag', reviewer: 'ada', note: null }),
        'unknown_item',
      );
    });

    it('keeps the original image byte for byte', async (t) => {
      const { queue } = await open(t);
      const everyByte = Array.from({ length: 256 }, (_, byte) => byte);
      await recordOne(queue, prediction({ id: 'a' }), imageOf(...everyByte));
      const image = await queue.images.get('a');
      assert.equal(await queue.images.size('a'), image?.bytes.byteLength);
      assert.deepEqual([...image!.bytes], everyByte);
      assert.equal(image!.contentType, 'image/png');
    });

    it('has no image where none was given', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'a' }), null);
      assert.equal(await queue.images.get('a'), null);
    });

    it('refuses a second record under the same id and keeps the first', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'a', priority: 1 }), imageOf(1));
      await assert.rejects(
        recordOne(queue, prediction({ id: 'a', priority: 2 }), imageOf(2)),
        (error) => error instanceof StoreError && error.code === 'duplicate_id',
      );
      assert.equal((await queue.records.find('a'))?.prediction.priority, 1);
      assert.deepEqual([...(await queue.images.get('a'))!.bytes], [1]);
    });

    it('refuses a priority that is not a finite number, which no list could be sorted by', async (t) => {
      const { queue } = await open(t);
      for (const priority of [NaN, Infinity, -Infinity]) {
        await assert.rejects(recordOne(queue, prediction({ id: 'a', priority }), null));
      }
      assert.equal(await queue.records.find('a'), null);
    });

    it('lets a refused record fail alone among those of the same moment', async (t) => {
      const { queue } = await open(t);
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'a', 'c'].map((id) => recordOne(queue, prediction({ id }), null)),
      );
      assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), [
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
      ]);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))).sort(), ['a', 'b', 'c']);
    });

    it('shows what one queue recorded to another over the same store', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      await recordOne(queue, prediction({ id: 'a' }), imageOf(7));
      assert.equal((await other.records.find('a'))?.prediction.id, 'a');
      assert.deepEqual([...(await other.images.get('a'))!.bytes], [7]);
    });

    it('has everything when it is opened again', async (t) => {
      const { queue, openAnother } = await open(t);
      await recordOne(queue, prediction({ id: 'a' }), null);
      await recordOne(queue, prediction({ id: 'b' }), null);
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.close();
      const reopened = await openAnother();
      assert.deepEqual(idsOf(await reopened.reviewing.claim(by('ben', 10, minuteMs))), ['b']);
      const label = { label: 'Coat', reviewer: 'ada', note: null };
      assert.equal(await reopened.reviewing.label('a', claim!.lease, label), 'done');
    });

    it('finishes what was asked for before it closed, and refuses what comes after', async (t) => {
      const { queue, openAnother } = await open(t);
      const recorded = recordOne(queue, prediction({ id: 'a' }), null);
      const closed = queue.close();
      const isClosed = (error: unknown) => error instanceof StoreError && error.code === 'queue_closed';
      await assert.rejects(recordOne(queue, prediction({ id: 'b' }), null), isClosed);
      await assert.rejects(queue.records.find('a'), isClosed);
      await Promise.all([recorded, closed]);
      await queue.close();
      const reopened = await openAnother();
      assert.equal((await reopened.records.find('a'))?.prediction.id, 'a');
      assert.equal(await reopened.records.find('b'), null);
    });
  });
}
