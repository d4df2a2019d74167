import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListFilter, ReviewPage } from '../../../src/store/review-items.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  idsOf,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const newest = { order: 'newest', limit: 100 } as const;
const sensitive = { order: 'most_sensitive', limit: 100 } as const;

/**
 * Items by priority: `labelled` 5, `labelled-too` 4, `lapsed` 3, `held` 2, `free` 1; the last recorded is the
 * newest. Of the two labelled ones the first is a Bag; `lapsed` and `labelled-too` are audited, and these two
 * are not of the stream of the others.
 */
async function recordOneOfEach(queue: Store, clock: { ms: number }): Promise<void> {
  const ids = ['labelled', 'labelled-too', 'lapsed', 'held', 'free'];
  for (const [i, id] of ids.entries()) {
    const reasons = id === 'lapsed' || id === 'labelled-too' ? ['sensitive', 'audit'] : ['sensitive'];
    const stream = reasons.includes('audit') ? null : 'camera-1';
    await recordOne(queue, prediction({ id, reasons, stream, priority: 5 - i, createdMs: noonMs + i }), null);
  }
  await recordOne(queue, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
  const [first, second] = await queue.reviewing.claim(by('ada', 3, minuteMs));
  await queue.reviewing.label('labelled', first!.lease, { label: 'Bag', reviewer: 'ada', note: null });
  await queue.reviewing.label('labelled-too', second!.lease, { label: 'Coat', reviewer: 'ada', note: null });
  await queue.reviewing.claim(by('ben', 1, 2 * minuteMs));
  clock.ms += minuteMs;
}

async function listAll(queue: Store, filter: ListFilter): Promise<string[]> {
  const ids: string[] = [];
  let next: ListFilter | null = filter;
  while (next !== null) {
    const { items, nextCursor }: ReviewPage = await queue.items.list(next);
    assert.ok(items.length <= filter.limit);
    for (const one of idsOf(items)) ids.push(one);
    next = nextCursor === null ? null : { ...filter, cursor: nextCursor };
  }
  return ids;
}

export function describeLists(open: OpenFixture): void {
  describe('lists', () => {
    const cases: readonly (readonly [string, Partial<ListFilter>, readonly string[]])[] = [
      ['every item', {}, ['labelled', 'labelled-too', 'lapsed', 'held', 'free']],
      ['pending items, lapsed leases among them', { state: 'pending' }, ['lapsed', 'free']],
      ['claimed items, without lapsed leases', { state: 'claimed' }, ['held']],
      ['labelled items', { state: 'labelled' }, ['labelled', 'labelled-too']],
      ['items of a label', { label: 'Bag' }, ['labelled']],
      ['labelled items of a label', { label: 'Coat', state: 'labelled' }, ['labelled-too']],
      ['no pending items of a label, since those have none', { label: 'Bag', state: 'pending' }, []],
      ['items of a reason', { reason: 'audit' }, ['labelled-too', 'lapsed']],
      ['pending items of a reason', { reason: 'sensitive', state: 'pending' }, ['lapsed', 'free']],
      ['claimed items of a reason', { reason: 'sensitive', state: 'claimed' }, ['held']],
      ['labelled items of a reason', { reason: 'audit', state: 'labelled' }, ['labelled-too']],
      ['items of a reason and a label', { reason: 'audit', label: 'Coat' }, ['labelled-too']],
      ['items of a stream', { stream: 'camera-1' }, ['labelled', 'held', 'free']],
      ['pending items of a stream', { stream: 'camera-1', state: 'pending' }, ['free']],
      ['claimed items of a stream', { stream: 'camera-1', state: 'claimed' }, ['held']],
      ['items of a stream and a label', { stream: 'camera-1', label: 'Bag' }, ['labelled']],
      [
        'items of a stream and a reason',
        { stream: 'camera-1', reason: 'sensitive', state: 'pending' },
        ['free'],
      ],
      ['none of a stream for a reason that it has not', { stream: 'camera-1', reason: 'audit' }, []],
      [
        'what one reviewer sees of a stream',
        { stream: 'camera-1', state: 'pending', seenBy: 'ada' },
        ['held', 'free'],
      ],
      ['nothing for a stream that no item is of', { stream: 'camera-2' }, []],
      ['nothing for a reason that no item has', { reason: 'uncalibrated' }, []],
    ];
    for (const [what, filter, bySensitivity] of cases) {
      it(`give ${what}, most sensitive or newest first, in pages of any size`, async (t) => {
        const { queue, clock } = await open(t);
        await recordOneOfEach(queue, clock);
        const byAge = bySensitivity.toReversed();
        for (const limit of [1, 2, 100]) {
          assert.deepEqual(await listAll(queue, { ...sensitive, ...filter, limit }), bySensitivity);
          assert.deepEqual(await listAll(queue, { ...newest, ...filter, limit }), byAge);
        }
      });
    }

    it('give an item once whose reason is named twice', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'a', reasons: ['audit', 'audit'] }), null);
      assert.deepEqual(await listAll(queue, { ...newest, reason: 'audit' }), ['a']);
    });

    it('show items as they stand now', async (t) => {
      const { queue, clock } = await open(t);
      await recordOneOfEach(queue, clock);
      const { items } = await queue.items.list(sensitive);
      assert.deepEqual(
        items.map(({ review }) => [review.state, review.reviewer, review.label]),
        [
          ['labelled', 'ada', 'Bag'],
          ['labelled', 'ada', 'Coat'],
          ['pending', null, null],
          ['claimed', 'ben', null],
          ['pending', null, null],
        ],
      );
    });

    it('page through items of equal priority and time without missing or repeating one', async (t) => {
      const { queue } = await open(t);
      const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      await Promise.all(
        ids.map((id) => recordOne(queue, prediction({ id, priority: Number.MAX_VALUE }), null)),
      );
      assert.deepEqual(await listAll(queue, { ...sensitive, limit: 2 }), ids);
      assert.deepEqual(await listAll(queue, { ...newest, limit: 2 }), ids.toReversed());
    });

    it('go on behind the last item whatever was recorded meanwhile', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      const { nextCursor } = await queue.items.list({ ...newest, limit: 1 });
      await recordOne(queue, prediction({ id: 'newer', createdMs: noonMs + minuteMs }), null);
      const rest = await queue.items.list({ ...newest, cursor: nextCursor! });
      assert.deepEqual(idsOf(rest.items), ['b', 'a']);
      assert.equal(rest.nextCursor, null);
    });

    it('refuse a cursor that is no cursor, or that of the other order', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 3, b: 2 });
      const { nextCursor } = await queue.items.list({ ...newest, limit: 1 });
      const foreign = Buffer.from('["newest",1]').toString('base64url');
      for (const cursor of ['', '§', 'AAAA', foreign, nextCursor!]) {
        await assert.rejects(
          queue.items.list({ ...sensitive, cursor }),
          (error) => error instanceof StoreError && error.code === 'bad_cursor',
        );
      }
    });
  });
}
