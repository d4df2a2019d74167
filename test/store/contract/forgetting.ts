import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../../src/store/store.ts';
import { allMatching, deleteOldRecords } from '../../../src/store/shared/forgetting.ts';
import {
  by,
  idsOf,
  imageOf,
  labelNext,
  minuteMs,
  noonMs,
  type OpenFixture,
  prediction,
  recordItems,
  sealAndRead as exported,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const LEAD = { act: 'forgotten', who: 'lead' } as const;

const automatic = (id: string, createdMs = noonMs) =>
  prediction({ id, createdMs, decision: 'auto', reasons: [], predictedLabel: 'Bag' });

const places = async (queue: Store, since: string | null): Promise<string[][]> =>
  (await exported(queue, { since })).map(({ cursor, id }) => [cursor, id]);

export function describeForgetting(open: OpenFixture): void {
  describe('forgetting', () => {
    it('leaves nothing of an answered item but its acts, without what was said', async (t) => {
      const { queue, clock } = await open(t);
      await recordOne(queue, prediction({ id: 'a', priority: 9 }), imageOf(1, 2, 3));
      await recordItems(queue, { b: 1 });
      const [first] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.putBack('a', { lease: first!.lease, reviewer: 'ada' }, 'skip');
      const [claim] = await queue.reviewing.claim(by('bob', 1, minuteMs));
      clock.ms += 1;
      const said = { label: 'Mr Brown', reviewer: 'bob', note: 'at his door' };
      assert.equal(await queue.reviewing.label('a', claim!.lease, said), 'done');
      clock.ms += 1;
      assert.deepEqual(await queue.forgetting.remove(['a'], LEAD), ['a']);

      assert.equal(await queue.records.find('a'), null);
      assert.equal(await queue.images.get('a'), null);
      assert.equal(await queue.items.history('a'), null);
      assert.deepEqual(idsOf((await queue.items.list({ order: 'newest', limit: 10 })).items), ['b']);
      assert.deepEqual(await exported(queue, { since: null }), []);
      assert.deepEqual(await queue.figures.progress(0), []);
      const { items } = await queue.figures.statistics();
      assert.deepEqual(items, { pending: 1, claimed: 0, labelled: 0, discarded: 0, disputed: 0 });
      const { entries } = await queue.trail.read({ limit: 10 });
      assert.deepEqual(entries, [
        { atMs: noonMs + 2, act: 'forgotten', who: 'lead', item: 'a', detail: {} },
        { atMs: noonMs + 1, act: 'labelled', who: 'bob', item: 'a', detail: { label: null } },
      ]);
      assert.equal(await queue.forgetting.wasForgotten('a'), true);
      assert.equal(await queue.forgetting.wasForgotten('b'), false);
    });

    it('takes automatic, open, held, discarded and disputed ones, and counts right after each', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 2 } });
      await recordOne(queue, automatic('auto'), null);
      await recordItems(queue, { held: 5, discarded: 4, disputed: 3, waiting: 2 });
      const claims = await queue.reviewing.claim(by('ada', 3, minuteMs));
      const lease = (id: string) => claims.find((one) => one.prediction.id === id)!.lease;
      await queue.reviewing.discard('discarded', lease('discarded'), { reviewer: 'ada', note: 'blurred' });
      const coat = { label: 'Coat', reviewer: 'ada', note: null };
      await queue.reviewing.label('disputed', lease('disputed'), coat);
      const second = await queue.reviewing.claim(by('bob', 2, minuteMs));
      for (const {
        prediction: { id },
        lease: token,
      } of second) {
        if (id === 'discarded') await queue.reviewing.discard(id, token, { reviewer: 'bob', note: null });
        else await queue.reviewing.label(id, token, { label: 'Bag', reviewer: 'bob', note: null });
      }
      const states = async () => (await queue.figures.statistics()).items;
      const before = { pending: 1, claimed: 1, labelled: 0, discarded: 1, disputed: 1 };
      assert.deepEqual(await states(), before);
      await queue.forgetting.remove(['held'], LEAD);
      assert.deepEqual(await states(), { ...before, claimed: 0 });
      assert.equal(await queue.reviewing.label('held', lease('held'), coat), 'unknown_item');
      const hold = { lease: lease('held'), reviewer: 'ada' };
      assert.equal(await queue.reviewing.renew('held', hold, minuteMs), 'unknown_item');
      await queue.forgetting.remove(['discarded', 'disputed', 'auto'], LEAD);
      assert.deepEqual(await states(), { pending: 1, claimed: 0, labelled: 0, discarded: 0, disputed: 0 });
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('cleo', 10, minuteMs))), ['waiting']);
      assert.deepEqual(await exported(queue, { since: null }), []);
    });

    it('does not mind ids that are not there, and is done once', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      assert.deepEqual(await queue.forgetting.remove(['none'], LEAD), []);
      assert.deepEqual(await queue.forgetting.remove([], LEAD), []);
      assert.deepEqual(await queue.forgetting.remove(['a', 'none'], LEAD), ['a']);
      assert.deepEqual(await queue.forgetting.remove(['a'], LEAD), []);
      const { entries } = await queue.trail.read({ limit: 10, act: 'forgotten' });
      assert.deepEqual(
        entries.map(({ item }) => item),
        ['a'],
      );
    });

    it('never gives a place of the export twice, so that a cursor misses nothing', async (t) => {
      const { queue } = await open(t);
      for (const id of ['a', 'b', 'c']) await recordOne(queue, automatic(id), null);
      assert.deepEqual(await places(queue, null), [
        ['1', 'a'],
        ['2', 'b'],
        ['3', 'c'],
      ]);
      await queue.forgetting.remove(['b', 'c'], LEAD);
      await recordOne(queue, automatic('d'), null);
      assert.deepEqual(await places(queue, '3'), [['4', 'd']]);
      await queue.forgetting.remove(['a', 'd'], LEAD);
      await recordOne(queue, automatic('e'), null);
      assert.deepEqual(await places(queue, null), [['5', 'e']]);
    });

    it('leaves an export under way each of the others once', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const ids = Array.from({ length: 1200 }, (_, i) => `id-${String(i).padStart(4, '0')}`);
      await Promise.all(ids.map((id, i) => recordOne(queue, automatic(id, noonMs + i), null)));
      await queue.labels.seal({ who: 'trainer' });
      const seen: string[] = [];
      const gone: string[] = [];
      for await (const { id } of queue.labels.exportLabels({ since: null })) {
        seen.push(id);
        if (seen.length % 100 === 1) {
          const next = [
            ...ids.slice(seen.length + 50).slice(0, 1),
            ...ids.slice(seen.length + 600).slice(0, 1),
          ];
          for (const one of await other.forgetting.remove(next, LEAD)) gone.push(one);
        }
      }
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(
        ids.filter((id) => !seen.includes(id) && !gone.includes(id)),
        [],
      );
      assert.ok(gone.length > 10 && seen.length < ids.length);
    });

    it('knows a key by which one of its predictions was recorded, and nothing of what was sent', async (t) => {
      const { queue, clock } = await open(t);
      const request = { caller: 'shop', key: 'order-7', fingerprint: 'f' };
      const recordings = ['a', 'b'].map((id) => ({ prediction: prediction({ id }), image: null }));
      await queue.records.recordOnce(request, recordings);
      await queue.records.recordOnce({ ...request, key: 'order-8' }, [
        { prediction: prediction({ id: 'c' }), image: null },
      ]);
      await queue.forgetting.remove(['a'], LEAD);
      assert.deepEqual(await queue.records.findRequest(request), { fingerprint: '', ids: ['a', 'b'] });
      assert.deepEqual(await queue.records.findRequest({ ...request, key: 'order-8' }), {
        fingerprint: 'f',
        ids: ['c'],
      });
      assert.ok(await queue.records.find('b'));
      clock.ms += 25 * 60 * minuteMs;
      await queue.forgetting.remove(['b'], LEAD);
      assert.equal(await queue.retention.forgetRequests(), 1);
    });

    it('deletes old records that nobody has to look at, and keeps what waits', async (t) => {
      const { queue, clock } = await open(t);
      const old = Array.from({ length: 450 }, (_, i) => `old-${String(i).padStart(3, '0')}`);
      await Promise.all(old.map((id, i) => recordOne(queue, automatic(id, noonMs + (i % 7)), null)));
      await recordItems(queue, { labelled: 9, held: 8, waiting: 7 });
      await labelNext(queue, 'ada', 'Bag');
      await queue.reviewing.claim(by('bob', 1, minuteMs));
      await recordOne(queue, automatic('new', noonMs + minuteMs), null);
      clock.ms += minuteMs;
      assert.equal(await deleteOldRecords(queue.forgetting, noonMs + minuteMs), 451);
      assert.equal(await deleteOldRecords(queue.forgetting, noonMs + minuteMs), 0);
      const left = await allMatching(queue.forgetting, {});
      assert.deepEqual(left, ['held', 'new', 'waiting']);
      // Nobody asked for them by name: what was labelled is in the trail, and no list of what is gone.
      const { entries } = await queue.trail.read({ limit: 10 });
      assert.deepEqual(
        entries.map(({ act, who, detail }) => [act, who, detail]),
        [['labelled', 'ada', { label: null }]],
      );
    });

    it('finds those of the same pixels, and those before a time', async (t) => {
      const { queue } = await open(t);
      const ids = Array.from({ length: 405 }, (_, i) => `id-${String(i).padStart(3, '0')}`);
      await Promise.all(
        ids.map((id, i) =>
          recordOne(
            queue,
            prediction({ id, createdMs: noonMs + i, inputHash: i % 2 === 0 ? 'even' : 'odd' }),
            null,
          ),
        ),
      );
      const even = ids.filter((_, i) => i % 2 === 0);
      assert.deepEqual(await allMatching(queue.forgetting, { inputHash: 'even' }), even);
      assert.deepEqual(await allMatching(queue.forgetting, { beforeMs: noonMs + 200 }), ids.slice(0, 200));
      const both = await allMatching(queue.forgetting, { inputHash: 'even', beforeMs: noonMs + 3 });
      assert.deepEqual(both, ['id-000', 'id-002']);
    });

    it('finds those of one caller', async (t) => {
      const { queue } = await open(t);
      for (const [i, caller] of ['shop', 'depot', 'shop', 'jwt:é "7"'].entries())
        await recordOne(queue, prediction({ id: `id-${i}`, caller, createdMs: noonMs + i }), null);
      assert.deepEqual(await allMatching(queue.forgetting, { caller: 'shop' }), ['id-0', 'id-2']);
      assert.deepEqual(await allMatching(queue.forgetting, { caller: 'jwt:é "7"' }), ['id-3']);
      assert.deepEqual(await allMatching(queue.forgetting, { caller: 'shop', beforeMs: noonMs + 1 }), [
        'id-0',
      ]);
      assert.deepEqual(await allMatching(queue.forgetting, { caller: 'sho' }), []);
    });
  });
}
