import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  auditOf,
  by,
  labelNext,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  recordAudit,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const window = { modelDigest, gateId: 'gate-1', sinceMs: noonMs };

const automatic = (id: string, changes = {}) =>
  prediction({ id, decision: 'auto', reasons: [], inclusionProbability: 0.1, ...changes });

export function describeAudits(open: OpenFixture): void {
  describe('audits', () => {
    it('of automatic decisions are offered like every other item', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, { id: 'a', inclusionProbability: 0.1 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      assert.deepEqual(claim!.prediction, automatic('a'));
      assert.deepEqual([claim!.review.id, claim!.review.reasons], [auditOf('a'), ['audit']]);
    });

    it('tell, by inclusion probability, how many people agree with the machine', async (t) => {
      const { queue } = await open(t);
      for (const [id, probability] of [
        ['a', 0.1],
        ['b', 0.1],
        ['c', 0.1],
        ['d', 0.5],
      ] as const)
        await recordAudit(queue, { id, inclusionProbability: probability });
      for (const label of ['Shirt', 'Shirt', 'Coat', 'Shirt']) await labelNext(queue, 'ada', label);
      await labelNext(queue, 'ben', 'Coat');
      assert.deepEqual(await queue.figures.auditOutcomes(window), {
        autoDecisions: 4,
        outcomes: [
          { agrees: false, inclusionProbability: 0.1, stream: 'other', count: 1 },
          { agrees: true, inclusionProbability: 0.1, stream: 'other', count: 2 },
          { agrees: true, inclusionProbability: 0.5, stream: 'other', count: 1 },
        ],
        unjudged: [],
      });
    });

    it('count every automatic decision, and no audit that is undecided or discarded as right or wrong', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, automatic('auto'), null);
      await recordOne(queue, prediction({ id: 'sensitive', priority: 3 }), null);
      await recordAudit(queue, { id: 'discarded', priority: 2 });
      await recordAudit(queue, { id: 'waiting' });
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard(auditOf('discarded'), claim!.lease, { reviewer: 'ada', note: null });
      assert.deepEqual(await queue.figures.auditOutcomes(window), {
        autoDecisions: 3,
        outcomes: [],
        unjudged: [{ why: 'discarded', inclusionProbability: 0.01, stream: 'other', count: 1 }],
      });
    });

    it('are told by the streams that are asked for, and all others together', async (t) => {
      const { queue } = await open(t);
      const streams = { a: 'camera-1', b: 'camera-2', c: 'camera-3', d: null };
      for (const [id, stream] of Object.entries(streams))
        await recordAudit(queue, { id, stream, inclusionProbability: 0.1 });
      for (let i = 0; i < 4; i++) await labelNext(queue, 'ada', 'Shirt');
      const alike = { agrees: true, inclusionProbability: 0.1 };
      const asked = { ...window, streams: ['camera-1', 'camera-2', 'camera-9'] };
      assert.deepEqual((await queue.figures.auditOutcomes(asked)).outcomes, [
        { ...alike, stream: 'camera-1', count: 1 },
        { ...alike, stream: 'camera-2', count: 1 },
        { ...alike, stream: 'other', count: 2 },
      ]);
    });

    it('are those of one model, one gate and the time since', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, automatic('model', { modelDigest: 'sha256:another' }), null);
      await recordOne(queue, automatic('gate', { gateId: null }), null);
      await recordOne(queue, automatic('old', { createdMs: noonMs - 1 }), null);
      await recordAudit(queue, { id: 'audit', createdMs: noonMs - 1 });
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await queue.figures.auditOutcomes(window), {
        ...{ autoDecisions: 0, outcomes: [], unjudged: [] },
      });
      const ungated = await queue.figures.auditOutcomes({ ...window, gateId: null });
      assert.equal(ungated.autoDecisions, 1);
      const longer = await queue.figures.auditOutcomes({ ...window, sinceMs: 0 });
      assert.deepEqual([longer.autoDecisions, longer.outcomes.length], [2, 1]);
    });
  });

  describe('audit labels', () => {
    const all = { modelDigest, after: null, limit: 100, counted: true } as const;

    it('come in the order in which they were given, whatever the order of images', async (t) => {
      const { queue, clock } = await open(t);
      await recordAudit(queue, { id: 'first', createdMs: noonMs - 3, priority: 1, stream: 'camera-1' });
      await recordAudit(queue, { id: 'second', createdMs: noonMs - 2, priority: 2, gateId: null });
      await recordAudit(queue, { id: 'third', createdMs: noonMs - 1, priority: 3 });
      for (const label of ['Coat', 'Shirt', 'Shirt']) {
        clock.ms += 1;
        await labelNext(queue, 'ada', label);
        const settled = { by: 'lea', label, finding: null, note: null };
        if (label === 'Coat') await queue.reviewing.settle(auditOf('third'), settled);
      }
      const { labels, before } = await queue.figures.auditLabels(all);
      const expected = [
        { id: 'third', gateId: 'gate-1', stream: null, agrees: false },
        { id: 'second', gateId: null, stream: null, agrees: true },
        { id: 'first', gateId: 'gate-1', stream: 'camera-1', agrees: true },
      ].map(({ id, ...one }, i) => ({
        ...one,
        itemId: auditOf(id),
        decidedMs: noonMs + i + 1,
        answeredMs: noonMs - 1 - i,
        inclusionProbability: 0.01,
      }));
      assert.deepEqual([labels, before], [expected, 0]);
    });

    it('are read on from a place, of one moment by the ids of items', async (t) => {
      const { queue } = await open(t);
      for (const id of ['b', 'a', 'c']) await recordAudit(queue, { id });
      for (let i = 0; i < 3; i++) await labelNext(queue, 'ada', 'Shirt');
      const first = await queue.figures.auditLabels({ ...all, limit: 2 });
      assert.deepEqual(
        first.labels.map(({ itemId }) => itemId),
        [auditOf('a'), auditOf('b')],
      );
      const rest = await queue.figures.auditLabels({ ...all, after: first.labels[1]! });
      assert.deepEqual([rest.labels.map(({ itemId }) => itemId), rest.before], [[auditOf('c')], 2]);
      const { before } = await queue.figures.auditLabels({ modelDigest, after: first.labels[1]!, limit: 1 });
      assert.equal(before, null, 'they are counted where that is asked for');
    });

    it('that are taken back are missed before the place', async (t) => {
      const { queue, clock } = await open(t);
      for (const id of ['a', 'b']) await recordAudit(queue, { id });
      for (let i = 0; i < 2; i++) await labelNext(queue, 'ada', 'Shirt');
      const { labels } = await queue.figures.auditLabels(all);
      clock.ms += 1;
      await queue.reviewing.undo(auditOf('a'), { reviewer: 'ada', leaseMs: minuteMs });
      const after = labels.at(-1)!;
      assert.deepEqual(await queue.figures.auditLabels({ ...all, after }), { labels: [], before: 1 });
    });

    it('are those of audits and of one model, none that is open, and say nothing where they are disputed or discarded', async (t) => {
      const { queue } = await open(t, { audit: { agree: 2, most: 2 } });
      await recordOne(queue, prediction({ id: 'sensitive', priority: 9 }), null);
      await labelNext(queue, 'ada', 'Shirt');
      for (const id of ['disputed', 'open', 'discarded']) await recordAudit(queue, { id });
      await recordAudit(queue, { id: 'another', modelDigest: 'sha256:another' });
      const answers = { disputed: ['Shirt', null], open: ['Shirt'], discarded: [null, null] };
      for (const [id, labels] of Object.entries(answers)) {
        for (const [i, label] of labels.entries()) {
          const reviewer = ['ada', 'ben'][i]!;
          await queue.reviewing.reassign(auditOf(id), { by: 'lea', to: reviewer });
          const [claim] = await queue.reviewing.claim(by(reviewer, 1, minuteMs));
          assert.equal(claim!.review.id, auditOf(id));
          const opinion = { reviewer, note: null };
          if (label === null) await queue.reviewing.discard(auditOf(id), claim!.lease, opinion);
          else await queue.reviewing.label(auditOf(id), claim!.lease, { ...opinion, label });
        }
      }
      const { labels } = await queue.figures.auditLabels(all);
      assert.deepEqual(labels.map(({ itemId, agrees }) => [itemId, agrees]).sort(), [
        [auditOf('discarded'), null],
        [auditOf('disputed'), null],
      ]);
    });
  });

  describe('recent decisions', () => {
    it('are those of one model, newest first, with what people said of them', async (t) => {
      const { queue } = await open(t);
      const answer = { signals: { sensitivity: 0.5 } };
      await recordOne(queue, automatic('a', { answer }), null);
      await recordOne(queue, prediction({ id: 'b', answer, priority: 3 }), null);
      await recordOne(queue, prediction({ id: 'c', answer, priority: 2 }), null);
      await recordOne(queue, automatic('d', { modelDigest: 'sha256:another' }), null);
      await labelNext(queue, 'ada', 'Coat');
      assert.deepEqual(await queue.figures.recentDecisions({ modelDigest, limit: 2 }), [
        { decision: 'review', agrees: null, answer },
        { decision: 'review', agrees: false, answer },
      ]);
      assert.equal((await queue.figures.recentDecisions({ modelDigest, limit: 10 })).length, 3);
    });
  });
}
