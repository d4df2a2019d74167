import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const nothingElse = { discarded: 0, disputed: 0 };

export function describeStatistics(open: OpenFixture): void {
  describe('statistics', () => {
    it('of an empty queue are zero', async (t) => {
      const { queue } = await open(t);
      assert.deepEqual(await queue.figures.statistics(), {
        items: { pending: 0, claimed: 0, labelled: 0, ...nothingElse },
        oldestWaitingMs: null,
      });
    });

    it('tell how busy the database is, with nothing waiting while nothing is asked', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const { connections, waiting, bytes } = await queue.figures.load();
      assert.equal(waiting, 0);
      // One of the two: a file here, or a pool of connections to a server.
      assert.notEqual(connections === null, bytes === null);
      if (bytes !== null) assert.ok(bytes > 0, `the database has ${bytes} bytes`);
      if (connections !== null) assert.ok(connections.idle <= connections.open && connections.open > 0);
      if (connections !== null) assert.ok(connections.open <= connections.most);
    });

    it('count items by their state now, and no automatic predictions', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 5, b: 4, c: 3, d: 2 });
      await recordOne(queue, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
      const [first] = await queue.reviewing.claim(by('ada', 2, minuteMs));
      await queue.reviewing.claim(by('ben', 1, 2 * minuteMs));
      await queue.reviewing.label('a', first!.lease, { label: 'Bag', reviewer: 'ada', note: null });
      assert.deepEqual((await queue.figures.statistics()).items, {
        pending: 1,
        claimed: 2,
        labelled: 1,
        ...nothingElse,
      });
      clock.ms += minuteMs;
      assert.deepEqual((await queue.figures.statistics()).items, {
        pending: 2,
        claimed: 1,
        labelled: 1,
        ...nothingElse,
      });
    });

    it('do not count a label twice that was repeated, nor a record that was refused', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await assert.rejects(recordOne(queue, prediction({ id: 'a' }), null));
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      const label = { label: 'Bag', reviewer: 'ada', note: null };
      await queue.reviewing.label('a', claim!.lease, label);
      await queue.reviewing.label('a', claim!.lease, label);
      assert.deepEqual((await queue.figures.statistics()).items, {
        pending: 1,
        claimed: 0,
        labelled: 1,
        ...nothingElse,
      });
    });

    it('of one reviewer count what waits for them and what they hold', async (t) => {
      const { queue, clock } = await open(t, { audit: { agree: 2, most: 2 } });
      await recordItems(queue, { a: 4, b: 3 });
      await recordOne(queue, prediction({ id: 'audit', priority: 2, reasons: ['audit'] }), null);
      const countsOf = async (reviewer: string) => {
        const { pending, claimed } = await queue.figures.waitingFor({ reviewer });
        const byReason = await queue.figures.waitingFor({ reviewer, withoutAudits: true });
        return [pending, claimed, byReason.pending, byReason.claimed];
      };
      assert.deepEqual(await countsOf('ada'), [3, 0, 2, 0]);
      const claims = await queue.reviewing.claim(by('ada', 3, minuteMs));
      assert.deepEqual(await countsOf('ada'), [0, 3, 0, 2]);
      // What others hold is not told.
      assert.deepEqual(await countsOf('ben'), [3, 0, 2, 0]);
      for (const [
        i,
        {
          prediction: { id },
          lease,
        },
      ] of claims.entries()) {
        await queue.reviewing.label(id, lease, { label: 'Bag', reviewer: 'ada', note: null });
        // One less for each, whether or not others are still asked about it.
        assert.deepEqual((await countsOf('ada')).slice(0, 2), [0, 2 - i]);
      }
      assert.deepEqual(await countsOf('ada'), [0, 0, 0, 0]);
      assert.deepEqual(await countsOf('ben'), [1, 0, 0, 0]);
      await queue.reviewing.claim(by('ben', 1, minuteMs));
      clock.ms += minuteMs;
      assert.deepEqual(await countsOf('ben'), [1, 0, 0, 0]);
    });

    it('name the oldest item that is not labelled, held or not', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const oldest = async () => (await queue.figures.statistics()).oldestWaitingMs;
      assert.equal(await oldest(), noonMs);
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.equal(await oldest(), noonMs);
      await queue.reviewing.label('a', claim!.lease, { label: 'Bag', reviewer: 'ada', note: null });
      assert.equal(await oldest(), noonMs + 1);
    });
  });
}
