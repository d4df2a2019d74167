import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../../src/store/store.ts';
import {
  by,
  holdOf,
  idsOf,
  minuteMs,
  prediction,
  recordItems,
  type OpenFixture,
  type TestClock,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

/** Claims what comes first for `reviewer`, puts it behind the others, and lets a millisecond pass. */
async function skipNext(queue: Store, clock: TestClock, reviewer: string): Promise<string> {
  const [claim] = await queue.reviewing.claim(by(reviewer, 1, minuteMs));
  assert.equal(await queue.reviewing.putBack(claim!.prediction.id, holdOf(claim!), 'skip'), 'done');
  clock.ms += 1;
  return claim!.prediction.id;
}

export function describeSkipping(open: OpenFixture): void {
  describe('skipping', () => {
    it('puts an item behind all others for the reviewer who skipped it', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await skipNext(queue, clock, 'ada');
      await recordOne(queue, prediction({ id: 'late', priority: 0 }), null);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['b', 'c', 'late', 'a']);
    });

    it('leaves the item where it was for everyone else', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await skipNext(queue, clock, 'ada');
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 10, minuteMs))), ['a', 'b', 'c']);
    });

    it('never ends in "no more items": what was skipped is offered again, the longest ago first', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1, b: 3, c: 2 });
      const offered: string[] = [];
      for (let i = 0; i < 7; i++) offered.push(await skipNext(queue, clock, 'ada'));
      assert.deepEqual(offered, ['b', 'c', 'a', 'b', 'c', 'a', 'b']);
    });

    it('lasts while others claim the item and let it go', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await skipNext(queue, clock, 'ada');
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.putBack('a', holdOf(claim!), 'release');
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['b', 'a']);
    });

    it('does not offer a skipped item that somebody else holds', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await skipNext(queue, clock, 'ada');
      await queue.reviewing.claim(by('ben', 1, minuteMs));
      assert.deepEqual(await queue.reviewing.claim(by('ada', 1, minuteMs)), []);
      clock.ms += minuteMs;
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 1, minuteMs))), ['a']);
    });

    it('does not offer a skipped item that somebody else has labelled', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await skipNext(queue, clock, 'ada');
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      await queue.reviewing.label('a', claim!.lease, { label: 'Bag', reviewer: 'ben', note: null });
      assert.deepEqual(await queue.reviewing.claim(by('ada', 1, minuteMs)), []);
    });
  });
}
