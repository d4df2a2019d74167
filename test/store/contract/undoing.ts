import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Claim } from '../../../src/store/reviewing.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  by,
  idsOf,
  labelNext,
  minuteMs,
  noonMs,
  prediction,
  recordItems,
  sealAndRead,
  type OpenFixture,
  entryOf,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const adas = { reviewer: 'ada', leaseMs: minuteMs };

/** The claim that an undo must have given. */
export async function undone(queue: Store, id: string, reviewer: string): Promise<Claim> {
  const claim = await queue.reviewing.undo(id, { reviewer, leaseMs: minuteMs });
  if (typeof claim === 'string') assert.fail(`the undo of ${id} by ${reviewer} is refused: ${claim}`);
  return claim;
}

async function exportAll(queue: Store): Promise<string[]> {
  return (await sealAndRead(queue)).map(({ id }) => id);
}

export function describeUndoing(open: OpenFixture): void {
  describe('undoing', () => {
    it('gives the item back to who labelled it, with a fresh lease and without the label', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      const former = await labelNext(queue, 'ada', 'Shirt');
      clock.ms += 5;
      const claim = await undone(queue, 'a', 'ada');
      assert.notEqual(claim.lease, former.lease);
      assert.deepEqual(claim.review, {
        ...entryOf(claim.prediction),
        ...{ state: 'claimed', reviewer: 'ada', leaseExpiresMs: noonMs + 5 + minuteMs },
        ...{ label: null, finding: null, decidedMs: null, note: null, assignedTo: null, opinions: [] },
      });
      assert.deepEqual(await queue.reviewing.claim(by('ben', 1, minuteMs)), []);
    });

    it('lets the item be labelled otherwise', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      const { lease } = await undone(queue, 'a', 'ada');
      assert.equal(
        await queue.reviewing.label('a', lease, { label: 'Coat', reviewer: 'ada', note: null }),
        'done',
      );
      assert.equal((await queue.records.find('a'))?.review?.label, 'Coat');
      assert.equal((await queue.figures.statistics()).items.labelled, 1);
    });

    it('lets the item wait for anyone once its lease has lapsed', async (t) => {
      const { queue, clock } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await undone(queue, 'a', 'ada');
      clock.ms += minuteMs;
      assert.deepEqual(idsOf(await queue.reviewing.claim(by('ben', 1, minuteMs))), ['a']);
    });

    it('takes a discard back, too', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('a', claim!.lease, { reviewer: 'ada', note: null });
      await undone(queue, 'a', 'ada');
      assert.deepEqual((await queue.figures.statistics()).items, {
        ...{ pending: 0, claimed: 1, labelled: 0, discarded: 0, disputed: 0 },
      });
    });

    it('makes the former lease worthless', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      const { lease } = await labelNext(queue, 'ada', 'Shirt');
      await undone(queue, 'a', 'ada');
      const repeat = await queue.reviewing.label('a', lease, { label: 'Shirt', reviewer: 'ada', note: null });
      assert.equal(repeat, 'lease_lost');
    });

    it('is for nobody else, happens once, and needs something to undo', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      assert.equal(await queue.reviewing.undo('a', { ...adas, reviewer: 'ben' }), 'nothing_to_undo');
      assert.equal(await queue.reviewing.undo('b', adas), 'nothing_to_undo');
      assert.equal(await queue.reviewing.undo('nobody', adas), 'unknown_item');
      await undone(queue, 'a', 'ada');
      assert.equal(await queue.reviewing.undo('a', adas), 'nothing_to_undo');
    });

    it('happens once when it is asked for twice at the same moment', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      const outcomes = await Promise.all([queue.reviewing.undo('a', adas), queue.reviewing.undo('a', adas)]);
      assert.deepEqual(
        outcomes.filter((outcome) => typeof outcome === 'string'),
        ['nothing_to_undo'],
      );
    });

    it('is refused once the label is exported', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await exportAll(queue), ['a']);
      assert.equal(await queue.reviewing.undo('a', adas), 'label_exported');
      assert.equal((await queue.records.find('a'))?.review?.label, 'Shirt');
    });

    it('is refused once the export is past the answer, whether or not others are still asked', async (t) => {
      const { queue, clock } = await open(t, { audit: { agree: 2, most: 3 } });
      await recordOne(queue, prediction({ id: 'a', priority: 3, reasons: ['audit'] }), null);
      await recordItems(queue, { b: 2 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ada', 'Shirt');
      assert.equal((await queue.records.find('a'))!.review!.state, 'pending');
      assert.deepEqual(await exportAll(queue), ['b']);
      assert.equal(await queue.reviewing.undo('a', adas), 'label_exported');
      assert.equal(await queue.reviewing.undo('b', adas), 'label_exported');
      clock.ms += 1;
      await recordItems(queue, { c: 1 });
      await labelNext(queue, 'ada', 'Coat');
      assert.deepEqual((await undone(queue, 'c', 'ada')).review.state, 'claimed');
    });

    it('keeps the label out of the export until it is given again', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      const { lease } = await undone(queue, 'a', 'ada');
      assert.deepEqual(await exportAll(queue), []);
      await queue.reviewing.label('a', lease, { label: 'Coat', reviewer: 'ada', note: null });
      assert.deepEqual(await exportAll(queue), ['a']);
    });
  });
}
