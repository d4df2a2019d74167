import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditOutcomes } from '../../../src/store/audit-outcomes.ts';
import type { Store } from '../../../src/store/store.ts';
import {
  auditOf,
  by,
  findNext,
  labelNext,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  recordAudit,
  recordItems,
  sealAndRead,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';
import { undone } from './undoing.ts';

const window = { modelDigest, gateId: 'gate-1', sinceMs: noonMs };

/** One word for each audit: whether the machine is right or wrong, or why that is not known. */
async function verdicts({ figures }: Store): Promise<string[]> {
  const { outcomes, unjudged }: AuditOutcomes = await figures.auditOutcomes(window);
  return [
    ...outcomes.flatMap(({ agrees, count }) => Array<string>(count).fill(agrees ? 'right' : 'wrong')),
    ...unjudged.flatMap(({ why, count }) => Array<string>(count).fill(why)),
  ];
}

const stateOf = async (queue: Store, id = 'a'): Promise<unknown[]> => {
  const { state, label, finding } = (await queue.records.find(id))!.review!;
  return [state, label, finding];
};

/** Of an audit whose machine's label is Shirt. */
const said = async (queue: Store, ...answers: readonly [string, string][]): Promise<void> => {
  for (const [who, answer] of answers) {
    if (answer === 'none_of_these' || answer === 'unreadable') await findNext(queue, who, answer);
    else await labelNext(queue, who, answer);
  }
};

export function describeDoubts(open: OpenFixture): void {
  describe('an audit', () => {
    const cases: readonly (readonly [string, readonly [string, string][], readonly unknown[], string])[] = [
      ['who agrees is believed', [['ada', 'Shirt']], ['labelled', 'Shirt', null], 'right'],
      ['one person alone finds no error', [['ada', 'Coat']], ['pending', null, null], 'unconfirmed'],
      ['nor where no label fits', [['ada', 'none_of_these']], ['pending', null, null], 'unconfirmed'],
      [
        'two of the same find one',
        [
          ['ada', 'Coat'],
          ['ben', 'Coat'],
        ],
        ['labelled', 'Coat', null],
        'wrong',
      ],
      [
        'two for whom no label fits find one',
        [
          ['ada', 'none_of_these'],
          ['ben', 'none_of_these'],
        ],
        ['discarded', null, 'none_of_these'],
        'wrong',
      ],
      [
        'a second who agrees with the machine asks a third, who may agree too',
        [
          ['ada', 'Coat'],
          ['ben', 'Shirt'],
          ['cleo', 'Shirt'],
        ],
        ['labelled', 'Shirt', null],
        'right',
      ],
      [
        'or may not',
        [
          ['ada', 'Coat'],
          ['ben', 'Shirt'],
          ['cleo', 'Coat'],
        ],
        ['labelled', 'Coat', null],
        'wrong',
      ],
      [
        'two who differ, and both say that it is wrong, find an error though a third leaves it disputed',
        [
          ['ada', 'Coat'],
          ['ben', 'Bag'],
          ['cleo', 'Shirt'],
        ],
        ['disputed', null, null],
        'wrong',
      ],
      [
        'one who is alone to the end finds none',
        [
          ['ada', 'Coat'],
          ['ben', 'Shirt'],
          ['cleo', 'unreadable'],
        ],
        ['disputed', null, null],
        'unconfirmed',
      ],
      [
        'what nobody could judge is neither',
        [['ada', 'unreadable']],
        ['discarded', null, 'unreadable'],
        'unreadable',
      ],
    ];
    for (const [what, answers, state, verdict] of cases)
      it(`is evidence once two people say the same: ${what}`, async (t) => {
        const { queue } = await open(t);
        await recordAudit(queue, { id: 'a' });
        await said(queue, ...answers);
        assert.deepEqual(await stateOf(queue), state);
        assert.deepEqual(await verdicts(queue), [verdict]);
      });

    it('of which somebody has taken the doubt back is like any other again', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Coat');
      const { lease } = await undone(queue, auditOf('a'), 'ada');
      assert.deepEqual(await verdicts(queue), []);
      const shirt = { label: 'Shirt', reviewer: 'ada', note: null };
      await queue.reviewing.label(auditOf('a'), lease, shirt);
      assert.deepEqual(await stateOf(queue), ['labelled', 'Shirt', null]);
    });

    it('goes to a second person among what waits next, and not before all of it', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a', priority: 99 });
      await recordItems(queue, { b: 3, c: 2, d: 1 });
      await labelNext(queue, 'ada', 'Coat');
      const { items } = await queue.items.list({ order: 'most_sensitive', limit: 9 });
      const { priority } = items.find(({ review }) => review.id === auditOf('a'))!.review;
      assert.ok([1, 2, 3].includes(priority), String(priority));
      // The list by reason has it at the same place.
      const byReason = { order: 'most_sensitive', reason: 'audit', limit: 9 } as const;
      assert.equal((await queue.items.list(byReason)).items[0]!.review.priority, priority);
      assert.equal((await queue.reviewing.claim(by('ben', 9, minuteMs))).length, 4);
    });

    it('stays where it is where nothing else waits', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a', priority: 99 });
      await labelNext(queue, 'ada', 'Coat');
      assert.equal((await queue.records.find('a'))!.review!.priority, 99);
    });

    it('is the only kind of item that a doubt asks a second person of', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Coat');
      assert.deepEqual(await stateOf(queue), ['labelled', 'Coat', null]);
    });

    it('keeps the numbers of an overlap that asks for more', async (t) => {
      const { queue } = await open(t, { audit: { agree: 3, most: 5 } });
      await recordAudit(queue, { id: 'a' });
      await said(queue, ['ada', 'Coat'], ['ben', 'Coat']);
      assert.deepEqual(await stateOf(queue), ['pending', null, null]);
      await said(queue, ['cleo', 'Coat']);
      assert.deepEqual(await stateOf(queue), ['labelled', 'Coat', null]);
    });
  });

  describe('what is found instead of a label', () => {
    it('stands in the item, in its history and the trail, and repeating it changes nothing', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      const [a, b] = await queue.reviewing.claim(by('ada', 2, minuteMs));
      const none = { reviewer: 'ada', finding: 'none_of_these', note: 'a dog' } as const;
      const blurred = { reviewer: 'ada', finding: 'unreadable', note: null } as const;
      for (let i = 0; i < 2; i++) assert.equal(await queue.reviewing.discard('a', a!.lease, none), 'done');
      assert.equal(await queue.reviewing.discard('b', b!.lease, blurred), 'done');
      assert.equal(await queue.reviewing.discard('a', a!.lease, blurred), 'lease_lost');
      assert.equal(
        await queue.reviewing.discard('a', a!.lease, { reviewer: 'ada', note: null }),
        'lease_lost',
      );
      assert.deepEqual(await stateOf(queue), ['discarded', null, 'none_of_these']);
      assert.deepEqual(await stateOf(queue, 'b'), ['discarded', null, 'unreadable']);
      const history = (await queue.items.history('a'))!.map(({ act, detail }) => [act, detail]);
      assert.deepEqual(history, [
        ['recorded', null],
        ['claimed', null],
        ['none_of_these', 'a dog'],
      ]);
      const { entries } = await queue.trail.read({ limit: 9, act: 'none_of_these' });
      assert.deepEqual(
        entries.map(({ act, who, item, detail }) => [act, who, item, detail]),
        [['none_of_these', 'ada', 'a', { note: 'a dog' }]],
      );
      assert.equal((await queue.trail.read({ limit: 9, who: 'ada' })).entries.length, 2);
    });

    it('is exported without a label where none fits, once for each prediction, and else not at all', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, prediction({ id: 'a', priority: 3 }), null);
      await recordOne(queue, prediction({ id: 'b', priority: 2 }), null);
      await recordAudit(queue, { id: 'c', priority: 1 });
      await said(queue, ['ada', 'none_of_these'], ['ada', 'unreadable'], ['ada', 'none_of_these']);
      await said(queue, ['ben', 'none_of_these']);
      const labels = await sealAndRead(queue);
      const lines = labels.map(({ id, label, source, reviewers }) => [id, label, source, reviewers]);
      assert.deepEqual(lines.toSorted(), [
        ['a', null, 'human', ['ada']],
        [auditOf('c'), null, 'human', ['ada', 'ben']],
        ['c', 'Shirt', 'machine', []],
      ]);
      const undo = { reviewer: 'ada', leaseMs: minuteMs };
      assert.equal(await queue.reviewing.undo('a', undo), 'label_exported');
    });

    it('is taken back, with its line in the export, until that is sealed', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await said(queue, ['ada', 'none_of_these']);
      await undone(queue, 'a', 'ada');
      assert.deepEqual(await stateOf(queue), ['claimed', null, null]);
      assert.deepEqual(await sealAndRead(queue), []);
    });

    it('says of recent decisions that the machine was wrong, or nothing', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await said(queue, ['ada', 'none_of_these'], ['ada', 'unreadable']);
      const recent = await queue.figures.recentDecisions({ modelDigest, limit: 9 });
      assert.deepEqual(
        recent.map(({ agrees }) => agrees),
        [null, false],
      );
    });

    it('of others is as different from each other as labels are', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 2 } });
      await recordItems(queue, { a: 1 });
      await said(queue, ['ada', 'none_of_these'], ['ben', 'unreadable']);
      assert.deepEqual(await stateOf(queue), ['disputed', null, null]);
    });
  });

  describe('settling', () => {
    const lead = { by: 'lead', label: 'Coat', finding: null, note: 'seen' } as const;

    it('confirms a doubt where there is no second reviewer', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Coat');
      assert.equal(await queue.reviewing.settle(auditOf('a'), lead), 'done');
      assert.deepEqual(await stateOf(queue), ['labelled', 'Coat', null]);
      assert.deepEqual(await verdicts(queue), ['wrong']);
      const { opinions, reviewer, note } = (await queue.records.find('a'))!.review!;
      assert.deepEqual(
        [opinions.map((one) => one.reviewer), reviewer, note],
        [['ada', 'lead'], 'lead', 'seen'],
      );
      assert.deepEqual((await queue.items.history(auditOf('a')))!.at(-1)!.act, 'labelled');
    });

    it('ends a doubt where the machine is right after all', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a' });
      await labelNext(queue, 'ada', 'Coat');
      await queue.reviewing.settle(auditOf('a'), { ...lead, label: 'Shirt' });
      assert.deepEqual(await verdicts(queue), ['right']);
    });

    it('decides what is disputed, also that no label fits, and takes the lease of whoever holds it', async (t) => {
      const { queue } = await open(t, { sensitive: { agree: 2, most: 3 } });
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Coat');
      const [claim] = await queue.reviewing.claim(by('ben', 1, minuteMs));
      const none = { ...lead, label: null, finding: 'none_of_these' } as const;
      assert.equal(await queue.reviewing.settle('a', none), 'done');
      const bens = { label: 'Coat', reviewer: 'ben', note: null };
      assert.equal(await queue.reviewing.label('a', claim!.lease, bens), 'lease_lost');
      assert.deepEqual(await stateOf(queue), ['discarded', null, 'none_of_these']);
      assert.equal((await sealAndRead(queue))[0]!.label, null);
    });

    it('is refused where nobody has answered, where it is decided, and to whoever has answered', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await recordAudit(queue, { id: 'b', priority: 99 });
      const settle = (id: string, settledBy: string) =>
        queue.reviewing.settle(id, { ...lead, by: settledBy });
      assert.equal(await settle('nobody', 'lead'), 'unknown_item');
      assert.equal(await settle('a', 'lead'), 'nothing_to_settle');
      await labelNext(queue, 'ada', 'Coat');
      assert.equal(await settle(auditOf('b'), 'ada'), 'already_answered');
      assert.equal(await settle(auditOf('b'), 'lead'), 'done');
      assert.equal(await settle(auditOf('b'), 'another'), 'item_decided');
    });
  });
}
