import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  idsOf,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';

export function describeLeases(open: OpenFixture): void {
  describe('leases', () => {
    it('keep an item from everyone else until the very end of the lease', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms = noonMs + minuteMs - 1;
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
      clock.ms = noonMs + minuteMs;
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 1, minuteMs))), ['a']);
    });

    it('read as pending once they have lapsed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const review = (await queue.records.find('a'))!.review!;
      assert.deepEqual([review.state, review.reviewer, review.leaseExpiresMs], ['pending', null, null]);
    });

    it('put a lapsed item back in its place by priority', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await queue.reviewing.claim(by('ada', 2, minuteMs));
      clock.ms += minuteMs;
      await queue.records.record(prediction({ id: 'd', priority: 2.5 }), null);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 10, minuteMs))), ['a', 'd', 'b', 'c']);
    });

    it('end later when renewed, counted from the moment of renewal', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms = noonMs + minuteMs / 2;
      assert.equal(await queue.reviewing.renew('a', claim!.lease, minuteMs), 'done');
      assert.equal((await queue.records.find('a'))?.review?.leaseExpiresMs, noonMs + 1.5 * minuteMs);
    });

    it('come back to life when renewed after their end, while nobody else has claimed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 2 * minuteMs;
      assert.equal(await queue.reviewing.renew('a', claim!.lease, minuteMs), 'done');
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
    });

    it('are lost to renewal and putting back once somebody else has claimed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [lost] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [current] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.equal(await queue.reviewing.renew('a', lost!.lease, minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', lost!.lease, 'release'), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', lost!.lease, 'skip'), 'lease_lost');
      assert.equal((await queue.records.find('a'))?.review?.reviewer, 'ben');
      assert.equal(await queue.reviewing.renew('a', current!.lease, minuteMs), 'done');
    });

    it('are lost even to the reviewer who claims the same item again', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [first] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [second] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.notEqual(second!.lease, first!.lease);
      assert.equal(await queue.reviewing.renew('a', first!.lease, minuteMs), 'lease_lost');
    });

    it('end at once when released, for good', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.equal(await queue.reviewing.putBack('a', claim!.lease, 'release'), 'done');
      assert.equal((await queue.records.find('a'))?.review?.state, 'pending');
      assert.equal(await queue.reviewing.renew('a', claim!.lease, minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', claim!.lease, 'release'), 'lease_lost');
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 2, minuteMs))), ['a', 'b']);
    });

    it('hold one item each: the token of another opens nothing', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [, second] = await queue.reviewing.claim(by('ada', 2, minuteMs));
      assert.equal(await queue.reviewing.renew('a', second!.lease, minuteMs), 'lease_lost');
    });

    it('of unknown items are unknown', async (t) => {
      const { queue } = await open(t);
      assert.equal(await queue.reviewing.renew('nobody', 'token', minuteMs), 'unknown_item');
      assert.equal(await queue.reviewing.putBack('nobody', 'token', 'release'), 'unknown_item');
      assert.equal(await queue.reviewing.putBack('nobody', 'token', 'skip'), 'unknown_item');
    });
  });
}
