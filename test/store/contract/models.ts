import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  by,
  holdOf,
  idsOf,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import type { Store } from '../../../src/store/store.ts';
import { recordOne } from '../../../support/record-one.ts';

const former = 'sha256:a-former-model';

const byFormer = (reviewer: string, limit: number) => ({
  ...by(reviewer, limit, minuteMs),
  modelDigest: former,
});

/** Items `old-1` and `old-2` of the former model, more urgent than `new` of the present one. */
async function recordBoth(queue: Store): Promise<void> {
  await recordOne(
    queue,
    prediction({ id: 'old-1', modelDigest: former, priority: 3, createdMs: noonMs - 2 }),
    null,
  );
  await recordOne(
    queue,
    prediction({ id: 'old-2', modelDigest: former, priority: 2, createdMs: noonMs - 1 }),
    null,
  );
  await recordOne(queue, prediction({ id: 'new', priority: 1 }), null);
}

export function describeModels(open: OpenFixture): void {
  describe('items of several models', () => {
    it('are claimed for the model that the claim names alone', async (t) => {
      const { queue } = await open(t);
      await recordBoth(queue);
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['new']);
      assert.deepEqual(await queue.reviewing.claim(by('ben', 10, minuteMs)), []);
      assert.deepEqual(idsOf(await queue.reviewing.claim(byFormer('ada', 10))), ['old-1', 'old-2']);
    });

    it('are all listed, with their model, and all counted', async (t) => {
      const { queue } = await open(t);
      await recordBoth(queue);
      const { items } = await queue.items.list({ state: 'pending', order: 'most_sensitive', limit: 10 });
      assert.deepEqual(
        items.map((item) => [item.prediction.id, item.prediction.modelDigest]),
        [
          ['old-1', former],
          ['old-2', former],
          ['new', modelDigest],
        ],
      );
      const { items: counts, oldestWaitingMs } = await queue.figures.statistics();
      assert.deepEqual(counts, { pending: 3, claimed: 0, labelled: 0, discarded: 0, disputed: 0 });
      assert.equal(oldestWaitingMs, noonMs - 2);
    });

    it('are offered again after all others of their own model, when they were skipped', async (t) => {
      const { queue, clock } = await open(t);
      await recordBoth(queue);
      for (const { prediction, lease } of await queue.reviewing.claim(byFormer('ada', 1))) {
        await queue.reviewing.putBack(prediction.id, { lease, reviewer: 'ada' }, 'skip');
      }
      clock.ms += 1;
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ada', 10, minuteMs))), ['new']);
      assert.deepEqual(idsOf(await queue.reviewing.claim(byFormer('ada', 10))), ['old-2', 'old-1']);
    });

    it('stay with whoever held them when claims for another model began', async (t) => {
      const { queue } = await open(t);
      await recordBoth(queue);
      const [claim] = await queue.reviewing.claim(byFormer('ada', 1));
      await queue.reviewing.claim(by('ben', 10, minuteMs));
      assert.equal(await queue.reviewing.renew('old-1', holdOf(claim!), minuteMs), 'done');
      const label = { label: 'Bag', reviewer: 'ada', note: null };
      assert.equal(await queue.reviewing.label('old-1', claim!.lease, label), 'done');
    });
  });
}
