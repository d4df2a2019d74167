import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LONGEST_LEASE_SECONDS } from '../../../src/longest-lease.ts';
import {
  by,
  holdOf,
  idsOf,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const longestMs = LONGEST_LEASE_SECONDS * 1000;

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

    it('of the longest that may be asked for hold until their very end', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await queue.reviewing.claim(by('ada', 1, longestMs));
      for (const passed of [0, longestMs - 1]) {
        clock.ms = noonMs + passed;
        assert.equal((await queue.records.find('a'))!.review!.state, 'claimed');
        assert.deepEqual(await queue.reviewing.claim(by('ben', 1, longestMs)), []);
      }
      clock.ms = noonMs + longestMs;
      assert.equal((await queue.reviewing.claim(by('ben', 1, longestMs))).length, 1);
    });

    it('hold on where the clock is set right by seconds', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await queue.reviewing.claim(by('ada', 1, longestMs));
      clock.ms -= minuteMs / 2;
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
    });

    it('given while the clock ran ahead hold nothing once it is set back', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      clock.ms = noonMs + 365 * 24 * 60 * minuteMs;
      const [first, second] = await queue.reviewing.claim(by('ada', 2, minuteMs));
      assert.equal(await queue.reviewing.renew('b', holdOf(second!), longestMs), 'done');
      clock.ms = noonMs;
      assert.equal((await queue.records.find('a'))!.review!.state, 'pending');
      assert.equal((await queue.figures.statistics()).items.claimed, 0);
      const listed = async (state: 'pending' | 'claimed') =>
        idsOf((await queue.items.list({ state, order: 'most_sensitive', limit: 9 })).items);
      assert.deepEqual([await listed('pending'), await listed('claimed')], [['a', 'b', 'c'], []]);
      // Whoever has the token may still act, until somebody claims: as of any lease that has ended.
      const coat = { label: 'Coat', reviewer: 'ada', note: null };
      assert.equal(await queue.reviewing.label('a', first!.lease, coat), 'done');
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 9, minuteMs))), ['b', 'c']);
      assert.equal(await queue.reviewing.label('b', second!.lease, coat), 'lease_lost');
      assert.deepEqual(await listed('claimed'), ['b', 'c']);
    });

    it('put a lapsed item back in its place by priority', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await queue.reviewing.claim(by('ada', 2, minuteMs));
      clock.ms += minuteMs;
      await recordOne(queue, prediction({ id: 'd', priority: 2.5 }), null);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 10, minuteMs))), ['a', 'd', 'b', 'c']);
    });

    it('end later when renewed, counted from the moment of renewal', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms = noonMs + minuteMs / 2;
      assert.equal(await queue.reviewing.renew('a', holdOf(claim!), minuteMs), 'done');
      assert.equal((await queue.records.find('a'))?.review?.leaseExpiresMs, noonMs + 1.5 * minuteMs);
    });

    it('come back to life when renewed after their end, while nobody else has claimed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 2 * minuteMs;
      assert.equal(await queue.reviewing.renew('a', holdOf(claim!), minuteMs), 'done');
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
    });

    it('are lost to renewal and putting back once somebody else has claimed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [lost] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [current] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.equal(await queue.reviewing.renew('a', holdOf(lost!), minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', holdOf(lost!), 'release'), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', holdOf(lost!), 'skip'), 'lease_lost');
      assert.equal((await queue.records.find('a'))?.review?.reviewer, 'ben');
      assert.equal(await queue.reviewing.renew('a', holdOf(current!), minuteMs), 'done');
    });

    it('are lost even to the reviewer who claims the same item again', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [first] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += minuteMs;
      const [second] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.notEqual(second!.lease, first!.lease);
      assert.equal(await queue.reviewing.renew('a', holdOf(first!), minuteMs), 'lease_lost');
    });

    it('end at once when released, for good', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.equal(await queue.reviewing.putBack('a', holdOf(claim!), 'release'), 'done');
      assert.equal((await queue.records.find('a'))?.review?.state, 'pending');
      assert.equal(await queue.reviewing.renew('a', holdOf(claim!), minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', holdOf(claim!), 'release'), 'lease_lost');
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 2, minuteMs))), ['a', 'b']);
    });

    it('hold one item each: the token of another opens nothing', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [, second] = await queue.reviewing.claim(by('ada', 2, minuteMs));
      assert.equal(await queue.reviewing.renew('a', holdOf(second!), minuteMs), 'lease_lost');
    });

    it('open their item for their holder alone, whoever else knows the token', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      const { lease } = claim!;
      const taken = { lease, reviewer: 'ben' };
      const given = { reviewer: 'ben', note: null };
      const before = await queue.items.history('a');
      assert.deepEqual(
        [
          await queue.reviewing.renew('a', taken, 10 * minuteMs),
          await queue.reviewing.putBack('a', taken, 'release'),
          await queue.reviewing.putBack('a', taken, 'skip'),
          await queue.reviewing.label('a', lease, { ...given, label: 'Shirt' }),
          await queue.reviewing.discard('a', lease, given),
        ],
        Array.from({ length: 5 }, () => 'lease_lost'),
      );
      const review = (await queue.records.find('a'))!.review!;
      assert.deepEqual([review.state, review.reviewer], ['claimed', 'ada']);
      assert.equal(review.leaseExpiresMs, claim!.review.leaseExpiresMs);
      assert.deepEqual(await queue.items.history('a'), before);
      assert.equal(await queue.reviewing.putBack('a', holdOf(claim!), 'release'), 'done');
    });

    it('that have lapsed are their former holder’s alone, too', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      clock.ms += 2 * minuteMs;
      const taken = { lease: claim!.lease, reviewer: 'ben' };
      assert.equal(await queue.reviewing.renew('a', taken, minuteMs), 'lease_lost');
      assert.equal(await queue.reviewing.putBack('a', taken, 'skip'), 'lease_lost');
      assert.equal((await queue.records.find('a'))!.review!.state, 'pending');
    });

    it('of unknown items are unknown', async (t) => {
      const { queue } = await open(t);
      assert.equal(
        await queue.reviewing.renew('nobody', { lease: 'token', reviewer: 'ada' }, minuteMs),
        'unknown_item',
      );
      assert.equal(
        await queue.reviewing.putBack('nobody', { lease: 'token', reviewer: 'ada' }, 'release'),
        'unknown_item',
      );
      assert.equal(
        await queue.reviewing.putBack('nobody', { lease: 'token', reviewer: 'ada' }, 'skip'),
        'unknown_item',
      );
    });
  });
}
