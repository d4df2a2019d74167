import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Overlaps } from '../../../src/store/opinions.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  auditOf,
  by,
  holdOf,
  idsOf,
  labelNext,
  minuteMs,
  prediction,
  recordAudit,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { undone } from './undoing.ts';
import { recordOne } from '../../../support/record-one.ts';

const overlaps: Overlaps = { audit: { agree: 2, most: 3 }, sensitive: { agree: 1, most: 1 } };

const stateOf = async (queue: Store): Promise<unknown[]> => {
  const review = (await queue.records.find('a'))!.review!;
  return [review.state, review.label];
};

export function describeOpinions(open: OpenFixture): void {
  describe('second opinions', () => {
    it('leave the item to others after the first, and decide when two agree', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await stateOf(queue), ['pending', null]);
      await labelNext(queue, 'ben', 'Shirt');
      assert.deepEqual(await stateOf(queue), ['labelled', 'Shirt']);
    });

    it('are never asked of the same person twice', async (t) => {
      const { queue, clock } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await queue.reviewing.claim(by('ada', 1, minuteMs)), []);
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack(auditOf('a'), holdOf(claim!), 'skip');
      clock.ms += 1;
      assert.deepEqual(await queue.reviewing.claim(by('ada', 1, minuteMs)), []);
    });

    it('are held by one person at a time', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
    });

    it('ask one more person where two differ, whose answer decides for one of them', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Coat');
      assert.deepEqual(await stateOf(queue), ['pending', null]);
      await labelNext(queue, 'cleo', 'Coat');
      assert.deepEqual(await stateOf(queue), ['labelled', 'Coat']);
    });

    it('leave an item disputed, and offered to nobody, where all asked differ', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      for (const [who, label] of Object.entries({ ada: 'Shirt', ben: 'Coat', cleo: 'Bag' }))
        await labelNext(queue, who, label);
      assert.deepEqual(await stateOf(queue), ['disputed', null]);
      assert.deepEqual(await queue.reviewing.claim(by('dan', 1, minuteMs)), []);
      const { items } = await queue.items.list({ state: 'disputed', order: 'newest', limit: 10 });
      assert.deepEqual(idsOf(items), [auditOf('a')]);
      assert.equal((await queue.figures.statistics()).items.disputed, 1);
    });

    it('count a discard as an answer like any other', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      for (const reviewer of ['ada', 'ben']) {
        const [claim] = await queue.reviewing.claim(by(reviewer, 1, minuteMs));
        await queue.reviewing.discard(auditOf('a'), claim!.lease, { reviewer, note: null });
      }
      assert.deepEqual(await stateOf(queue), ['discarded', null]);
    });

    it('are as many as the most demanding reason of the item wants', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordOne(queue, prediction({ id: 'a', reasons: ['sensitive', 'audit'] }), null);
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await stateOf(queue), ['pending', null]);
    });

    it('do not concern items whose reason wants one person', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordOne(queue, prediction({ id: 'a', reasons: ['sensitive'] }), null);
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await stateOf(queue), ['labelled', 'Shirt']);
    });

    it('are done again when the first is repeated, though the item has gone on', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      const { lease } = await labelNext(queue, 'ada', 'Shirt');
      await queue.reviewing.claim(by('ben', 1, minuteMs));
      const repeat = { label: 'Shirt', reviewer: 'ada', note: null };
      assert.equal(await queue.reviewing.label(auditOf('a'), lease, repeat), 'done');
      assert.equal((await queue.records.find('a'))!.review!.opinions.length, 1);
    });

    it('can be taken back by each, which opens a final item again', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Shirt');
      const { lease } = await undone(queue, auditOf('a'), 'ada');
      assert.deepEqual(await stateOf(queue), ['claimed', null]);
      await queue.reviewing.label(auditOf('a'), lease, { label: 'Coat', reviewer: 'ada', note: null });
      assert.deepEqual(await stateOf(queue), ['pending', null]);
    });

    it('can be taken back while somebody else holds the item for the next, whose lease ends', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      const { lease } = await undone(queue, auditOf('a'), 'ada');
      const bens = { label: 'Shirt', reviewer: 'ben', note: null };
      assert.equal(await queue.reviewing.label(auditOf('a'), claim!.lease, bens), 'lease_lost');
      const adas = { ...bens, reviewer: 'ada' };
      assert.equal(await queue.reviewing.label(auditOf('a'), lease, adas), 'done');
    });
  });
}
