import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListFilter } from '../../../src/store/review-items.ts';
import type { ReviewState } from '../../../src/store/review-status.ts';
import type { Store } from '../../../src/store/store.ts';
import { REVIEW_STATES } from '../../../src/store/review-status.ts';
import { seenBy } from '../../../src/store/seen-by.ts';
import {
  by,
  idsOf,
  labelNext,
  minuteMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { undone } from './undoing.ts';
import { recordOne } from '../../../support/record-one.ts';

/** Two must agree, of two that are asked. */
const overlaps = { sensitive: { agree: 2, most: 2 } };

const seenAs = async (queue: Store, reviewer: string, filter: Partial<ListFilter>): Promise<string[]> => {
  const page = await queue.items.list({ order: 'newest', limit: 10, seenBy: reviewer, ...filter });
  return idsOf(page.items);
};

/** In which of the lists by state the reviewer finds each item. */
async function listsOf(queue: Store, reviewer: string): Promise<Record<string, ReviewState[]>> {
  const lists: Record<string, ReviewState[]> = {};
  for (const state of REVIEW_STATES)
    for (const id of await seenAs(queue, reviewer, { state })) (lists[id] ??= []).push(state);
  return lists;
}

export function describeViews(open: OpenFixture): void {
  describe('lists as one reviewer sees them', () => {
    it('hold an item on which others are still asked in the state of the reviewer’s own answer', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordItems(queue, { a: 3, b: 2 });
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('b', claim!.lease, { reviewer: 'ada', note: null });
      assert.deepEqual(await listsOf(queue, 'ada'), { a: ['labelled'], b: ['discarded'] });
      assert.deepEqual(await seenAs(queue, 'ada', { label: 'Shirt' }), ['a']);
      assert.deepEqual(await seenAs(queue, 'ada', { label: 'Shirt', state: 'pending' }), []);
      assert.deepEqual(await listsOf(queue, 'ben'), { a: ['pending'], b: ['pending'] });
      assert.deepEqual(await seenAs(queue, 'ben', { label: 'Shirt' }), []);
    });

    it('do not move it while somebody else holds it', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.deepEqual(await listsOf(queue, 'ada'), { a: ['labelled'] });
      assert.deepEqual(await listsOf(queue, 'ben'), { a: ['claimed'] });
      assert.deepEqual(await listsOf(queue, 'cleo'), { a: ['pending'] });
    });

    it('do not tell that others differ', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Coat');
      assert.equal((await queue.records.find('a'))!.review!.state, 'disputed');
      assert.deepEqual(await listsOf(queue, 'ada'), { a: ['labelled'] });
      assert.deepEqual(await seenAs(queue, 'ben', { label: 'Coat' }), ['a']);
      assert.deepEqual(await seenAs(queue, 'ben', { label: 'Shirt' }), []);
      assert.deepEqual(await listsOf(queue, 'cleo'), { a: ['pending'] });
    });

    it('hold it as it is once it is final, and again as answered when somebody takes theirs back', async (t) => {
      const { queue } = await open(t, overlaps);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Shirt');
      for (const reviewer of ['ada', 'ben', 'cleo'])
        assert.deepEqual(await listsOf(queue, reviewer), { a: ['labelled'] });
      await undone(queue, 'a', 'ben');
      assert.deepEqual(await listsOf(queue, 'ada'), { a: ['labelled'] });
      assert.deepEqual(await listsOf(queue, 'ben'), { a: ['claimed'] });
    });

    it('show whoever has answered their own answer, whatever became of the item', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 3 } });
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Bag');
      await labelNext(queue, 'ben', 'Shirt');
      await labelNext(queue, 'cleo', 'Shirt');
      const { review } = (await queue.items.list({ order: 'newest', limit: 1 })).items[0]!;
      const shown = (viewer: string) => {
        const { state, label, reviewer, opinions } = seenBy(viewer, review);
        return [state, label, reviewer, opinions.length];
      };
      assert.deepEqual(shown('ada'), ['labelled', 'Bag', 'ada', 1]);
      assert.deepEqual(shown('ben'), ['labelled', 'Shirt', 'ben', 1]);
      assert.deepEqual(shown('dan'), ['labelled', 'Shirt', 'cleo', 0]);
    });

    it('leave audits out where they are to, in every state', async (t) => {
      const { queue } = await open(t);
      for (const [id, reasons] of [
        ['a', ['audit']],
        ['b', ['sensitive']],
        ['c', ['audit']],
        ['d', ['sensitive']],
        ['e', ['audit']],
        ['f', ['sensitive']],
      ] as const)
        await recordOne(queue, prediction({ id, reasons }), null);
      for (let i = 0; i < 2; i++) await labelNext(queue, 'ada', 'Bag');
      await queue.reviewing.claim(by('ada', 2, minuteMs));
      const withoutAudits = true;
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits }), ['f', 'd', 'b']);
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits, state: 'pending' }), ['f']);
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits, state: 'claimed' }), ['d']);
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits, state: 'labelled' }), ['b']);
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits, label: 'Bag' }), ['b']);
      assert.deepEqual(await seenAs(queue, 'ada', { withoutAudits, reason: 'audit' }), []);
    });

    it('are each item in exactly the state in which the reviewer is shown it, at every page', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 3 } });
      await recordItems(queue, { a: 9, b: 8, c: 7, d: 6, e: 5, f: 4 });
      for (const [reviewer, label] of [
        ['ada', 'Shirt'],
        ['ada', 'Coat'],
        ['ada', 'Bag'],
        ['ben', 'Shirt'],
        ['ben', 'Bag'],
        ['cleo', 'Bag'],
      ] as const)
        await labelNext(queue, reviewer, label);
      await queue.reviewing.claim(by('cleo', 1, minuteMs));
      for (const reviewer of ['ada', 'ben', 'cleo', 'dan']) {
        const { items } = await queue.items.list({ order: 'newest', limit: 10, seenBy: reviewer });
        assert.equal(items.length, 6);
        for (const order of ['newest', 'most_sensitive'] as const) {
          for (const state of REVIEW_STATES) {
            const shown = items.filter(({ review }) => seenBy(reviewer, review).state === state);
            const listed: string[] = [];
            for (let cursor: string | null = ''; cursor !== null;) {
              const at = cursor === '' ? {} : { cursor };
              const page = await queue.items.list({
                order,
                limit: 1,
                seenBy: reviewer,
                state,
                reason: 'sensitive',
                ...at,
              });
              for (const one of idsOf(page.items)) listed.push(one);
              cursor = page.nextCursor;
            }
            const expected = idsOf(shown);
            assert.deepEqual(
              listed,
              order === 'newest' ? expected : expected.toReversed(),
              `${reviewer}, ${state}`,
            );
          }
        }
      }
    });
  });
}
