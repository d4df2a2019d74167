import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  idsOf,
  minuteMs,
  noonMs,
  recordItems,
  type OpenFixture,
  entryOf,
} from '../../../support/store-fixture.ts';

const unusable = { reviewer: 'ada', note: 'all black' };

export function describeDiscarding(open: OpenFixture): void {
  describe('discarding', () => {
    it('records who, when and why, and no label', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 1000;
      assert.equal(await queue.reviewing.discard('a', claim!.lease, unusable), 'done');
      assert.deepEqual((await queue.records.find('a'))?.review, {
        ...entryOf(claim!.prediction),
        ...{ state: 'discarded', reviewer: 'ada', leaseExpiresMs: null, label: null, finding: null },
        ...{ decidedMs: noonMs + 1000, note: 'all black', assignedTo: null },
        opinions: [
          { reviewer: 'ada', label: null, finding: null, note: 'all black', givenMs: noonMs + 1000 },
        ],
      });
    });

    it('takes the item out of the queue, and lists and counts it as discarded', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('a', claim!.lease, unusable);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 10, minuteMs))), ['b']);
      const page = await queue.items.list({
        state: 'discarded',
        reason: 'sensitive',
        order: 'newest',
        limit: 10,
      });
      assert.deepEqual(idsOf(page.items), ['a']);
      assert.deepEqual((await queue.figures.statistics()).items, {
        ...{ pending: 0, claimed: 1, labelled: 0, discarded: 1, disputed: 0 },
      });
    });

    it('is done again when it is repeated, and stands against a label', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('a', claim!.lease, unusable);
      assert.equal(await queue.reviewing.discard('a', claim!.lease, unusable), 'done');
      assert.equal(
        await queue.reviewing.label('a', claim!.lease, { ...unusable, label: 'Bag' }),
        'lease_lost',
      );
    });

    it('needs the current lease', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [lost] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.equal(await queue.reviewing.discard('a', lost!.lease, unusable), 'lease_lost');
      assert.equal(await queue.reviewing.discard('nobody', lost!.lease, unusable), 'unknown_item');
    });
  });
}
