import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  holdOf,
  imageOf,
  labelNext,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { undone } from './undoing.ts';
import { recordOne } from '../../../support/record-one.ts';

export function describeAccounts(open: OpenFixture): void {
  describe('the history of an item', () => {
    it('tells what happened, who did it and when, oldest first', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const tick = () => (clock.ms += 1);
      tick();
      const [first] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      tick();
      await queue.reviewing.renew('a', holdOf(first!), minuteMs);
      await queue.reviewing.putBack('a', holdOf(first!), 'skip');
      tick();
      const [second] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(second!), 'release');
      tick();
      await queue.reviewing.reassign('a', { by: 'lead', to: 'ada' });
      tick();
      await labelNext(queue, 'ada', 'Shirt');
      tick();
      const { lease } = await undone(queue, 'a', 'ada');
      await queue.reviewing.discard('a', lease, { reviewer: 'ada', note: 'torn' });
      const history = await queue.items.history('a');
      assert.deepEqual(
        history!.map(({ atMs, act, who, detail }) => [atMs - noonMs, act, who, detail]),
        [
          [0, 'recorded', null, null],
          [1, 'claimed', 'ada', null],
          [2, 'skipped', 'ada', null],
          [3, 'claimed', 'ben', null],
          [3, 'released', 'ben', null],
          [4, 'reassigned', 'lead', 'ada'],
          [5, 'claimed', 'ada', null],
          [5, 'labelled', 'ada', 'Shirt'],
          [6, 'undone', 'ada', null],
          [6, 'discarded', 'ada', 'torn'],
        ],
      );
    });

    it('ends with its export, and the deletion of its image', async (t) => {
      const { queue, clock } = await open(t);
      await recordOne(queue, prediction({ id: 'a' }), imageOf(1));
      await labelNext(queue, 'ada', 'Shirt');
      clock.ms += 1;
      assert.equal((await queue.labels.seal({ who: 'trainer' })).count, 1);
      clock.ms += 1;
      await queue.retention.deleteImages(clock.ms);
      const acts = (await queue.items.history('a'))!.map(({ act }) => act);
      assert.deepEqual(acts, ['recorded', 'claimed', 'labelled', 'exported', 'image_deleted']);
    });

    it('is none where there is no item', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
      assert.equal(await queue.items.history('auto'), null);
      assert.equal(await queue.items.history('nobody'), null);
    });
  });

  describe('progress', () => {
    it('counts the answers of each reviewer since then, without those taken back', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 5, b: 4, c: 3, d: 2, e: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      clock.ms += minuteMs;
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ben', 'Coat');
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.discard('d', claim!.lease, { reviewer: 'ben', note: null });
      await labelNext(queue, 'cleo', 'Coat');
      await undone(queue, 'e', 'cleo');
      assert.deepEqual(await queue.figures.progress(noonMs + minuteMs), [
        { reviewer: 'ada', labelled: 1, discarded: 0 },
        { reviewer: 'ben', labelled: 1, discarded: 1 },
      ]);
    });
  });

  describe('deleting images', () => {
    it('takes those of items decided before then, and keeps the records', async (t) => {
      const { queue, clock } = await open(t);
      for (const id of ['a', 'b', 'c']) await recordOne(queue, prediction({ id }), imageOf(1));
      await labelNext(queue, 'ada', 'Shirt');
      clock.ms += minuteMs;
      await labelNext(queue, 'ada', 'Coat');
      assert.equal(await queue.retention.deleteImages(noonMs + minuteMs), 1);
      assert.equal(await queue.images.get('a'), null);
      assert.equal((await queue.records.find('a'))!.review!.label, 'Shirt');
      assert.notEqual(await queue.images.get('b'), null);
      assert.equal(await queue.retention.deleteImages(noonMs + 10 * minuteMs), 1);
      assert.notEqual(await queue.images.get('c'), null);
      assert.equal(await queue.retention.deleteImages(noonMs + 10 * minuteMs), 0);
    });
  });
}
