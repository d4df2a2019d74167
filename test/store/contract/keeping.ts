import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeptAnswer } from '../../../src/store/keeping.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  by,
  idsOf,
  imageOf,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const automatic = (id: string) =>
  prediction({ id, decision: 'auto', reasons: [], inclusionProbability: 0.25 });

const answer = (id: string, changes: Partial<KeptAnswer> = {}): KeptAnswer => ({
  ...{ id, image: imageOf(1, 2, 3), bytes: 3, keptMs: noonMs, inclusionProbability: 0.25, dueMs: null },
  ...changes,
});

const entry = (predictionId: string, itemId = `item-of-${predictionId}`) => ({
  ...{ predictionId, itemId, createdMs: noonMs, priority: 0.75 },
});

async function record(queue: Store, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await recordOne(queue, automatic(id), null);
}

export function describeKeeping(open: OpenFixture): void {
  describe('images of automatic answers', () => {
    it('are kept after their record, counted, and dropped, longest kept first', async (t) => {
      const { queue } = await open(t);
      await record(queue, 'a', 'b', 'c');
      const answers = ['a', 'b', 'c'].map((id, i) => answer(id, { keptMs: noonMs - i }));
      assert.deepEqual(await queue.keeping.keep(answers), ['a', 'b', 'c']);
      assert.deepEqual(await queue.keeping.totals(), { images: 3, bytes: 9 });
      assert.deepEqual([...(await queue.images.get('a'))!.bytes], [1, 2, 3]);
      const [first] = await queue.keeping.oldest(1);
      assert.deepEqual(first, { id: 'c', keptMs: noonMs - 2, bytes: 3 });
      assert.equal(await queue.keeping.drop(['c', 'none']), 1);
      assert.equal(await queue.images.get('c'), null);
      assert.deepEqual(await queue.keeping.totals(), { images: 2, bytes: 6 });
      assert.equal((await queue.records.find('c'))!.prediction.id, 'c');
    });

    it('are kept once, and not of what is forgotten or audited already', async (t) => {
      const { queue } = await open(t);
      await record(queue, 'a', 'b', 'gone');
      await queue.forgetting.remove(['gone'], { act: 'forgotten', who: 'lead' });
      await queue.keeping.keep([answer('a', { dueMs: noonMs })]);
      assert.deepEqual(await queue.keeping.keep([answer('a'), answer('gone'), answer('b')]), ['b']);
      await queue.keeping.enter([entry('a')]);
      assert.deepEqual(await queue.keeping.keep([answer('a', { dueMs: noonMs })]), []);
      assert.equal(await queue.images.get('gone'), null);
      assert.deepEqual(await queue.keeping.totals(), { images: 1, bytes: 3 });
    });

    it('enter as audits once, when they are due, with the probability of the draw', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      await record(queue, 'a', 'b', 'c');
      await queue.keeping.keep([
        answer('a', { dueMs: noonMs + 10 }),
        answer('b', { dueMs: noonMs + 20 }),
        answer('c'),
      ]);
      assert.deepEqual(await queue.keeping.dueAudits(noonMs + 9, 9), []);
      assert.deepEqual(await queue.keeping.dueAudits(noonMs + 10, 9), [
        { predictionId: 'a', modelDigest, priority: 0.5, createdMs: noonMs },
      ]);
      assert.equal((await queue.keeping.dueAudits(noonMs + 99, 1)).length, 1);
      const entered = await Promise.all(
        [queue, other, queue].map((one, i) => one.keeping.enter([entry('a', `try-${i}`), entry('c')])),
      );
      assert.equal(
        entered.reduce((sum, count) => sum + count),
        1,
      );
      const claims = await queue.reviewing.claim(by('ada', 9, minuteMs));
      assert.equal(claims.length, 1);
      const { prediction: shown, review } = claims[0]!;
      assert.match(review.id, /^try-/);
      assert.deepEqual([shown.id, shown.reasons, review.reasons], ['a', [], ['audit']]);
      assert.deepEqual(
        [review.createdMs, review.priority, review.inclusionProbability],
        [noonMs, 0.75, 0.25],
      );
      assert.deepEqual([...(await queue.images.get('a'))!.bytes], [1, 2, 3]);
      assert.deepEqual(await queue.keeping.totals(), { images: 2, bytes: 6 });
    });

    it('are not among those to be dropped once they are drawn', async (t) => {
      const { queue } = await open(t);
      await record(queue, 'a', 'b');
      await queue.keeping.keep([answer('a', { dueMs: noonMs }), answer('b', { dueMs: noonMs })]);
      await queue.keeping.enter([entry('a')]);
      assert.deepEqual(await queue.keeping.oldest(9), []);
      assert.notEqual(await queue.images.get('a'), null);
      assert.notEqual(await queue.images.get('b'), null);
    });

    it('go with what is forgotten, whether they are kept, drawn or audited', async (t) => {
      const { queue } = await open(t);
      await record(queue, 'kept', 'drawn', 'audited');
      await queue.keeping.keep([
        answer('kept'),
        answer('drawn', { dueMs: noonMs }),
        answer('audited', { dueMs: noonMs }),
      ]);
      await queue.keeping.enter([entry('audited')]);
      const ids = ['kept', 'drawn', 'audited'];
      const gone = await queue.forgetting.remove(ids, { act: 'forgotten', who: 'lead' });
      assert.deepEqual([...gone].sort(), [...ids].sort());
      for (const id of ids) assert.equal(await queue.images.get(id), null);
      assert.deepEqual(await queue.keeping.totals(), { images: 0, bytes: 0 });
      assert.equal(await queue.keeping.enter([entry('drawn')]), 0);
      assert.equal(await queue.items.find('item-of-audited'), null);
      assert.deepEqual(await queue.reviewing.claim(by('ada', 9, minuteMs)), []);
    });

    it('may be none: an audit of what has no image', async (t) => {
      const { queue } = await open(t);
      await record(queue, 'a');
      await queue.keeping.keep([answer('a', { image: null, bytes: 0, dueMs: noonMs })]);
      assert.equal(await queue.keeping.enter([entry('a')]), 1);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 9, minuteMs))), ['item-of-a']);
      assert.equal(await queue.images.get('a'), null);
    });
  });

  describe('priorities', () => {
    it('are those of the latest items by reason of one model', async (t) => {
      const { queue } = await open(t);
      for (const [i, priority] of [5, 4, 3].entries())
        await recordOne(queue, prediction({ id: `r${i}`, priority, createdMs: noonMs + i }), null);
      await recordOne(queue, prediction({ id: 'other', modelDigest: 'sha256:another' }), null);
      await record(queue, 'a');
      await queue.keeping.keep([answer('a', { dueMs: noonMs })]);
      await queue.keeping.enter([entry('a')]);
      assert.deepEqual(await queue.keeping.recentPriorities(modelDigest, 2), [3, 4]);
      assert.deepEqual(await queue.keeping.recentPriorities(modelDigest, 9), [3, 4, 5]);
    });

    it('may be drawn once more, while they are kept or audited, with the chance of both draws', async (t) => {
      const { queue, openAnother } = await open(t);
      const streams = ['camera-1'];
      const which = { modelDigest, gateId: 'gate-1', streams, after: { createdMs: 0, id: '' }, below: 0.5 };
      const ids = ['audited', 'drawn', 'dropped', 'kept', 'often', 'other'];
      for (const [i, id] of ids.entries()) {
        const stream = id === 'other' ? 'camera-2' : 'camera-1';
        const inclusionProbability = id === 'often' ? 0.5 : 0.25;
        const times = { createdMs: noonMs + i, inclusionProbability, stream };
        await recordOne(queue, { ...automatic(id), ...times }, null);
      }
      await queue.keeping.keep(
        ids.map((id) => answer(id, id === 'audited' || id === 'drawn' ? { dueMs: noonMs } : {})),
      );
      await queue.keeping.enter([entry('audited')]);
      await queue.keeping.drop(['dropped']);
      const found = await queue.keeping.redrawable(which, 9);
      assert.deepEqual(
        found.map(({ id, stream, inclusionProbability, undrawn }) => [
          id,
          stream,
          inclusionProbability,
          undrawn,
        ]),
        [
          ['audited', 'camera-1', 0.25, false],
          ['drawn', 'camera-1', 0.25, false],
          ['kept', 'camera-1', 0.25, true],
          ['other', 'other', 0.25, true],
        ],
      );
      const [first, second] = await queue.keeping.redrawable(which, 2);
      const rest = await queue.keeping.redrawable({ ...which, after: second! }, 9);
      assert.deepEqual([first, second, ...rest], found);

      const draws = ['audited', 'drawn', 'dropped', 'kept'].map((id) => ({
        ...{ id, from: 0.25, to: 0.5 },
        dueMs: id === 'kept' ? noonMs + 7 : null,
      }));
      const other = await openAnother();
      const written = await Promise.all([queue, other].map(({ keeping }) => keeping.redraw(draws)));
      assert.deepEqual(written.toSorted(), [0, 3], 'both of two that draw at once have written it');
      const due = await queue.keeping.dueAudits(noonMs + 7, 9);
      assert.deepEqual(
        due.map(({ predictionId }) => predictionId),
        ['drawn', 'kept'],
      );
      assert.deepEqual((await queue.keeping.oldest(9)).map(({ id }) => id).sort(), ['often', 'other']);
      await queue.keeping.enter([entry('drawn'), entry('kept')]);
      for (const id of ['audited', 'drawn', 'kept']) {
        assert.equal((await queue.records.find(id))!.prediction.inclusionProbability, 0.5, id);
        const item = await queue.items.find(`item-of-${id}`);
        assert.equal(item!.prediction.inclusionProbability, 0.5, id);
      }
      assert.equal((await queue.records.find('dropped'))!.prediction.inclusionProbability, 0.25);
    });
  });
}
