import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HumanLabel } from '../../../src/store/reviewing.ts';
import {
  by,
  holdOf,
  minuteMs,
  noonMs,
  recordItems,
  type OpenFixture,
  entryOf,
} from '../../../support/store-fixture.ts';

const shirt: HumanLabel = { label: 'Shirt', reviewer: 'ada', note: 'the collar decides' };
const coat: HumanLabel = { label: 'Coat', reviewer: 'ben', note: null };

export function describeLabelling(open: OpenFixture): void {
  describe('labelling', () => {
    it('records the label, who gave it, when and why', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 1000;
      assert.equal(await queue.reviewing.label('a', claim!.lease, shirt), 'done');
      assert.deepEqual((await queue.records.find('a'))?.review, {
        ...entryOf(claim!.prediction),
        state: 'labelled',
        reviewer: 'ada',
        leaseExpiresMs: null,
        label: 'Shirt',
        finding: null,
        decidedMs: noonMs + 1000,
        note: 'the collar decides',
        assignedTo: null,
        opinions: [
          {
            ...{ reviewer: 'ada', label: 'Shirt', finding: null, note: 'the collar decides' },
            givenMs: noonMs + 1000,
          },
        ],
      });
    });

    it('takes the item out of the queue for good', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.label('a', claim!.lease, shirt);
      clock.ms += 10 * minuteMs;
      assert.deepEqual(await queue.reviewing.claim(by('ben', 10, minuteMs)), []);
    });

    it('is done again when it is repeated with the same lease, and changes nothing', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.label('a', claim!.lease, shirt);
      const before = await queue.records.find('a');
      clock.ms += 10 * minuteMs;
      assert.equal(await queue.reviewing.label('a', claim!.lease, { ...shirt, note: 'again' }), 'done');
      assert.deepEqual(await queue.records.find('a'), before);
    });

    it('cannot be changed afterwards, not even with the same lease', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.label('a', claim!.lease, shirt);
      assert.equal(await queue.reviewing.label('a', claim!.lease, coat), 'lease_lost');
      assert.equal(await queue.reviewing.renew('a', holdOf(claim!), minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', holdOf(claim!), 'skip'), 'lease_lost');
      assert.equal((await queue.records.find('a'))?.review?.label, 'Shirt');
    });

    it('still counts after the lease has lapsed, while nobody else has claimed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 10 * minuteMs;
      assert.equal(await queue.reviewing.label('a', claim!.lease, shirt), 'done');
    });

    it('is refused once the lease has passed to someone else', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [lost] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [current] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.equal(await queue.reviewing.label('a', lost!.lease, shirt), 'lease_lost');
      assert.equal((await queue.records.find('a'))?.review?.state, 'claimed');
      assert.equal(await queue.reviewing.label('a', current!.lease, coat), 'done');
    });

    it('stays refused when the one it passed to has labelled the same', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [lost] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [current] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.label('a', current!.lease, coat);
      assert.equal(await queue.reviewing.label('a', lost!.lease, { ...coat, reviewer: 'ada' }), 'lease_lost');
      assert.equal((await queue.records.find('a'))?.review?.reviewer, 'ben');
    });

    it('is refused after the item was put back', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(claim!), 'release');
      assert.equal(await queue.reviewing.label('a', claim!.lease, shirt), 'lease_lost');
    });

    it('of an unknown item is unknown', async (t) => {
      const { queue } = await open(t);
      assert.equal(await queue.reviewing.label('nobody', 'token', shirt), 'unknown_item');
    });

    it('happens once when two labels arrive with one lease at the same moment', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      const outcomes = await Promise.all([
        queue.reviewing.label('a', claim!.lease, shirt),
        queue.reviewing.label('a', claim!.lease, { ...shirt, label: 'Coat' }),
      ]);
      assert.deepEqual(outcomes.sort(), ['done', 'lease_lost']);
    });
  });
}
