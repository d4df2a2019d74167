import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  holdOf,
  idsOf,
  imageOf,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
  entryOf,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

export function describeClaiming(open: OpenFixture): void {
  describe('claiming', () => {
    it('without audits leaves them to others, whatever they are assigned or skipped', async (t) => {
      const { queue } = await open(t);
      for (const [id, priority, reasons] of [
        ['audit-1', 5, ['audit']],
        ['audit-2', 4, ['audit']],
        ['audit-3', 3, ['audit']],
        ['sensitive', 2, ['sensitive', 'unconfident']],
      ] as const)
        await recordOne(queue, prediction({ id, priority, reasons }), null);
      await queue.reviewing.reassign('audit-1', { by: 'lead', to: 'ada' });
      await queue.reviewing.reassign('audit-2', { by: 'lead', to: 'ben' });
      const [held] = await queue.reviewing.claim({ ...by('cleo', 1, minuteMs) });
      assert.equal(held!.prediction.id, 'audit-3');
      await queue.reviewing.putBack('audit-3', holdOf(held!), 'skip');
      const byReason = (reviewer: string) => ({ ...by(reviewer, 9, minuteMs), withoutAudits: true }) as const;
      const cleos = await queue.reviewing.claim(byReason('cleo'));
      assert.deepEqual(idsOf(cleos), ['sensitive']);
      assert.deepEqual(await queue.reviewing.claim(byReason('ada')), []);
      const adas = await queue.reviewing.claim(by('ada', 9, minuteMs));
      assert.deepEqual(idsOf(adas), ['audit-1', 'audit-3', 'audit-2']);
    });

    it('gives nothing when nothing waits', async (t) => {
      const { queue } = await open(t);
      assert.deepEqual(await queue.reviewing.claim(by('ada', 10, minuteMs)), []);
    });

    it('gives the items of highest priority first', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 0.1, b: Number.MAX_VALUE, c: 0.3, d: -1, e: 0 });
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), [
        'b',
        'c',
        'a',
        'e',
        'd',
      ]);
    });

    it('gives the oldest first among items of equal priority', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'a', createdMs: noonMs + 2 }), null);
      await recordOne(queue, prediction({ id: 'b', createdMs: noonMs + 1 }), null);
      await recordOne(queue, prediction({ id: 'd', createdMs: noonMs + 1 }), null);
      await recordOne(queue, prediction({ id: 'c', createdMs: noonMs + 1 }), null);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['b', 'c', 'd', 'a']);
    });

    it('gives no more than the limit, and the next ones to the next claim', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 5, b: 4, c: 3 });
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 2, minuteMs))), ['a', 'b']);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 2, minuteMs))), ['c']);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 2, minuteMs))), []);
    });

    it('says who holds an item and until when', async (t) => {
      const { queue } = await open(t);
      const recorded = prediction({ id: 'a' });
      await recordOne(queue, recorded, imageOf(1));
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      const review = {
        ...entryOf(recorded),
        state: 'claimed',
        reviewer: 'ada',
        leaseExpiresMs: noonMs + minuteMs,
        label: null,
        finding: null,
        decidedMs: null,
        note: null,
        assignedTo: null,
        opinions: [],
      };
      assert.deepEqual(claim, { prediction: recorded, review, lease: claim!.lease });
      assert.deepEqual((await queue.records.find('a'))?.review, review);
    });

    it('gives every item a token of its own, of at least 128 bits', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1, b: 1, c: 1 });
      const leases = (await queue.reviewing.claim(by('ada', 3, minuteMs))).map((claim) => claim.lease);
      assert.equal(new Set(leases).size, 3);
      // A URL-safe character holds six bits, a hexadecimal one four; 22 characters are 128 bits in the
      // former.
      for (const lease of leases) assert.match(lease, /^[\w-]{22,}$/);
    });

    it('gives twenty concurrent claims twenty different items', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`item-${i}`, i])));
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, i) => queue.reviewing.claim(by(`reviewer-${i}`, 1, minuteMs))),
      );
      assert.equal(new Set(claims.flatMap(idsOf)).size, 20);
    });

    it('gives claims through two queues over one store different items', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      await recordItems(queue, { a: 4, b: 3, c: 2, d: 1 });
      const claims = await Promise.all([
        queue.reviewing.claim(by('ada', 1, minuteMs)),
        other.reviewing.claim(by('ben', 1, minuteMs)),
        queue.reviewing.claim(by('cleo', 1, minuteMs)),
        other.reviewing.claim(by('dan', 1, minuteMs)),
      ]);
      assert.deepEqual(claims.flatMap(idsOf).sort(), ['a', 'b', 'c', 'd']);
    });

    it('offers an item recorded later in its place by priority', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1, b: 3 });
      await recordOne(queue, prediction({ id: 'late', priority: 2, createdMs: noonMs + minuteMs }), null);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 3, minuteMs))), ['b', 'late', 'a']);
    });
  });
}
