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
      assert.deepEqual(await queue.figures.auditOutcomes(window), {
        autoDecisions: 4,
        outcomes: [
          { agrees: false, inclusionProbability: 0.1, stream: 'other', count: 1 },
          { agrees: true, inclusionProbability: 0.1, stream: 'other', count: 2 },
          { agrees: true, inclusionProbability: 0.5, stream: 'other', count: 1 },
        ],
      });
    });

    it('count every automatic decision, and no audit that is undecided or discarded', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, automatic('auto'), null);
      await recordOne(queue, prediction({ id: 'sensitive', priority: 3 }), null);
      await recordAudit(queue, { id: 'discarded', priority: 2 });
      await recordAudit(queue, { id: 'waiting' });
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard(auditOf('discarded'), claim!.lease, { reviewer: 'ada', note: null });
      assert.deepEqual(await queue.figures.auditOutcomes(window), { autoDecisions: 3, outcomes: [] });
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
      assert.deepEqual(await queue.figures.auditOutcomes(window), { autoDecisions: 0, outcomes: [] });
      const ungated = await queue.figures.auditOutcomes({ ...window, gateId: null });
      assert.equal(ungated.autoDecisions, 1);
      const longer = await queue.figures.auditOutcomes({ ...window, sinceMs: 0 });
      assert.deepEqual([longer.autoDecisions, longer.outcomes.length], [2, 1]);
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
