import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../../src/store/store.ts';
import {
  by,
  holdOf,
  idsOf,
  labelNext,
  minuteMs,
  recordItems,
  type OpenFixture,
  sealAndRead as exported,
} from '../../../support/store-fixture.ts';

/** The export from its start. */
const all = { since: null };
const toBen = { by: 'lead', to: 'ben' };

const offered = async (queue: Store, reviewer: string): Promise<string[]> =>
  idsOf(await queue.reviewing.claim(by(reviewer, 10, minuteMs)));

export function describeReassigning(open: OpenFixture): void {
  describe('reassigning', () => {
    it('takes an item from its holder', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.equal(await queue.reviewing.reassign('a', { by: 'lead', to: null }), 'done');
      const label = { label: 'Bag', reviewer: 'ada', note: null };
      assert.equal(await queue.reviewing.label('a', claim!.lease, label), 'lease_lost');
      assert.deepEqual(await offered(queue, 'ada'), ['a']);
    });

    it('offers the item first to the person named', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await queue.reviewing.reassign('c', toBen);
      assert.equal((await queue.records.find('c'))!.review!.assignedTo, 'ben');
      assert.deepEqual(await offered(queue, 'ben'), ['c', 'a', 'b']);
    });

    it('offers it to everyone else after all others, even skipped ones', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(claim!), 'skip');
      clock.ms += 1;
      await queue.reviewing.reassign('b', toBen);
      assert.deepEqual(await offered(queue, 'ada'), ['c', 'a', 'b']);
    });

    it('ends when the person skips the item', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await queue.reviewing.reassign('b', toBen);
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack('b', holdOf(claim!), 'skip');
      clock.ms += 1;
      assert.equal((await queue.records.find('b'))!.review!.assignedTo, null);
      assert.deepEqual(await offered(queue, 'ben'), ['a', 'b']);
    });

    it('outlives a release', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await queue.reviewing.reassign('b', toBen);
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack('b', holdOf(claim!), 'release');
      assert.deepEqual(await offered(queue, 'ben'), ['b', 'a']);
    });

    it('opens a disputed item for one more answer, which settles it', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 2 } });
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Coat');
      assert.equal(await queue.reviewing.reassign('a', { by: 'lead', to: 'ada' }), 'already_answered');
      assert.equal(await queue.reviewing.reassign('a', { by: 'lead', to: 'cleo' }), 'done');
      await labelNext(queue, 'cleo', 'Bag');
      assert.equal((await queue.records.find('a'))!.review!.label, 'Bag');
      assert.deepEqual((await queue.figures.statistics()).items, {
        ...{ pending: 0, claimed: 0, labelled: 1, discarded: 0, disputed: 0 },
      });
    });

    it('leaves an exported label as it was given, and a discard, as undo does with the label', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('b', claim!.lease, { reviewer: 'ada', note: null });
      const given = await exported(queue, all);
      assert.deepEqual(
        given.map(({ id, label }) => [id, label]),
        [['a', 'Shirt']],
      );
      for (const id of ['a', 'b']) {
        for (const to of ['ben', 'ada', null])
          assert.equal(await queue.reviewing.reassign(id, { by: 'lead', to }), 'item_decided');
      }
      assert.equal(await queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs }), 'label_exported');
      assert.deepEqual(await offered(queue, 'ben'), []);
      assert.deepEqual(await exported(queue, all), given);
      assert.deepEqual(await exported(queue, { since: given[0]!.cursor }), []);
    });

    it('cannot bring a label into the export twice: what a dispute becomes is exported once', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 2 } });
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Coat');
      assert.deepEqual(await exported(queue, all), []);
      await queue.reviewing.reassign('a', { by: 'lead', to: null });
      assert.deepEqual(await exported(queue, all), []);
      await labelNext(queue, 'cleo', 'Bag');
      const [label] = await exported(queue, all);
      assert.deepEqual([label!.id, label!.label], ['a', 'Bag']);
      assert.deepEqual(await exported(queue, { since: label!.cursor }), []);
    });

    it('is refused for what is decided and for what is not there', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      assert.equal(await queue.reviewing.reassign('a', toBen), 'item_decided');
      assert.equal(await queue.reviewing.reassign('nobody', toBen), 'unknown_item');
    });
  });
}
