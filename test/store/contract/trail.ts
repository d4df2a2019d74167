import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrailEntry, TrailQuery } from '../../../src/store/trail.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  by,
  holdOf,
  labelNext,
  minuteMs,
  noonMs,
  type OpenFixture,
  recordItems,
} from '../../../support/store-fixture.ts';
import { undone } from './undoing.ts';

const exported = { act: 'labels_exported', who: 'trainer', detail: { format: 'csv' } } as const;

/** All entries, read in pages of `limit`. */
async function entriesOf(
  queue: Store,
  query: Omit<TrailQuery, 'limit'> = {},
  limit = 100,
): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  let cursor: string | null = null;
  do {
    const page = await queue.trail.read({ ...query, limit, ...(cursor === null ? {} : { cursor }) });
    assert.ok(page.entries.length <= limit);
    for (const one of page.entries) entries.push(one);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return entries;
}

export function describeTrail(open: OpenFixture): void {
  describe('the audit trail', () => {
    it('tells who labelled, took back, discarded, reassigned and exported what and when, newest first', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [first] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(first!), 'skip');
      clock.ms += 1;
      await queue.reviewing.reassign('a', { by: 'lead', to: 'ada' });
      clock.ms += 1;
      await labelNext(queue, 'ada', 'Shirt');
      clock.ms += 1;
      const { lease } = await undone(queue, 'a', 'ada');
      clock.ms += 1;
      await queue.reviewing.discard('a', lease, { reviewer: 'ada', note: 'torn' });
      clock.ms += 1;
      await queue.trail.recordAct(exported);
      assert.deepEqual(await entriesOf(queue), [
        { atMs: noonMs + 5, act: 'labels_exported', who: 'trainer', item: null, detail: { format: 'csv' } },
        { atMs: noonMs + 4, act: 'discarded', who: 'ada', item: 'a', detail: { note: 'torn' } },
        { atMs: noonMs + 3, act: 'undone', who: 'ada', item: 'a', detail: {} },
        { atMs: noonMs + 2, act: 'labelled', who: 'ada', item: 'a', detail: { label: 'Shirt' } },
        { atMs: noonMs + 1, act: 'reassigned', who: 'lead', item: 'a', detail: { to: 'ada' } },
      ]);
    });

    it('writes a label that is sent again once', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      for (let i = 0; i < 2; i++)
        await queue.reviewing.label('a', claim!.lease, { label: 'Bag', reviewer: 'ada', note: null });
      assert.equal((await entriesOf(queue)).length, 1);
    });

    it('writes a change with what was before, and only where something has changed', async (t) => {
      const { queue, clock, openAnother } = await open(t);
      const change = async (state: object | null, through = queue): Promise<boolean> => {
        clock.ms += 1;
        return through.trail.recordChange({ act: 'gate_changed', state: state as { id: string } | null });
      };
      assert.equal(await change(null), false);
      assert.equal(await change({ id: 'one' }), true);
      assert.equal(await change({ id: 'one' }, await openAnother()), false);
      assert.equal(await change({ id: 'two' }), true);
      assert.equal(await change(null), true);
      assert.equal(await queue.trail.recordChange({ act: 'keys_changed', state: ['ada'] }), true);
      assert.deepEqual(
        (await entriesOf(queue)).map(({ act, who, detail }) => [act, who, detail]),
        [
          ['keys_changed', null, { from: null, to: ['ada'] }],
          ['gate_changed', null, { from: { id: 'two' }, to: null }],
          ['gate_changed', null, { from: { id: 'one' }, to: { id: 'two' } }],
          ['gate_changed', null, { from: null, to: { id: 'one' } }],
        ],
      );
    });

    it('writes a change once that several replicas notice at the same moment', async (t) => {
      const { queue, openAnother } = await open(t);
      const replicas = [queue, await openAnother(), await openAnother()];
      const written = await Promise.all(
        replicas.map((replica) => replica.trail.recordChange({ act: 'gate_changed', state: { id: 'one' } })),
      );
      assert.deepEqual(written.filter(Boolean), [true]);
    });

    it('knows what was written last although the clock went back', async (t) => {
      const { queue, clock } = await open(t);
      await queue.trail.recordChange({ act: 'gate_changed', state: { id: 'one' } });
      clock.ms -= 1000;
      await queue.trail.recordChange({ act: 'gate_changed', state: { id: 'two' } });
      assert.equal(await queue.trail.recordChange({ act: 'gate_changed', state: { id: 'two' } }), false);
    });

    it('pages without missing or repeating one, of the same moment and whatever is added meanwhile', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      for (const label of ['Bag', 'Coat', 'Shirt']) {
        await labelNext(queue, 'ada', label);
        await queue.trail.recordAct(exported);
      }
      const all = await entriesOf(queue);
      assert.equal(all.length, 6);
      for (const limit of [1, 2, 4, 5]) assert.deepEqual(await entriesOf(queue, {}, limit), all);
      const first = await queue.trail.read({ limit: 2 });
      clock.ms += 1;
      await queue.trail.recordAct(exported);
      const rest = await queue.trail.read({ limit: 100, cursor: first.nextCursor! });
      assert.deepEqual([...first.entries, ...rest.entries], all);
    });

    it('gives one act, one person or a stretch of time', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await labelNext(queue, 'ada', 'Bag');
      clock.ms += 10;
      await labelNext(queue, 'ben', 'Coat');
      await queue.trail.recordAct(exported);
      const whoOf = async (query: Omit<TrailQuery, 'limit'>): Promise<(string | null)[]> =>
        (await entriesOf(queue, query, 1)).map(({ who }) => who);
      assert.deepEqual(await whoOf({ act: 'labelled' }), ['ben', 'ada']);
      assert.deepEqual(await whoOf({ act: 'labels_exported' }), ['trainer']);
      assert.deepEqual(await whoOf({ who: 'ada' }), ['ada']);
      assert.deepEqual(await whoOf({ who: 'trainer', act: 'labelled' }), []);
      assert.deepEqual(await whoOf({ sinceMs: noonMs + 10 }), ['ben', 'trainer']);
      assert.deepEqual(await whoOf({ untilMs: noonMs + 10 }), ['ada']);
    });

    it('is there when it is opened again', async (t) => {
      const { queue, openAnother } = await open(t);
      await queue.trail.recordAct(exported);
      await queue.close();
      assert.equal((await entriesOf(await openAnother())).length, 1);
    });

    it('refuses a cursor that is none of its own', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const { nextCursor } = await queue.items.list({ order: 'newest', limit: 1 });
      for (const cursor of ['', 'nonsense', nextCursor!]) {
        await assert.rejects(
          queue.trail.read({ limit: 1, cursor }),
          (error) => error instanceof StoreError && error.code === 'bad_cursor',
        );
      }
    });
  });
}
