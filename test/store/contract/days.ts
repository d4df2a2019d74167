import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DAY_MS } from '../../../src/store/day-counts.ts';
import {
  by,
  labelNext,
  minuteMs,
  modelDigest,
  prediction,
  recordAudit,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

/** The midnight in UTC before noon of 1 January 2026. */
const midnight = Date.UTC(2026, 0, 1);
const range = { modelDigest, gateId: 'gate-1', sinceMs: midnight, days: 2 };
const streamsOf = (automatic: number, flagged: number) => [{ stream: 'other', flagged, automatic }];
const nothing = {
  ...{ labelled: 0, discarded: 0, flagged: 0, automatic: 0 },
  ...{ streams: streamsOf(0, 0), outcomes: [] },
};

const automatic = (id: string, createdMs: number, changes = {}) =>
  prediction({ id, decision: 'auto', reasons: [], inclusionProbability: 0.1, createdMs, ...changes });

export function describeDays(open: OpenFixture): void {
  describe('day by day', () => {
    it('there is an entry for each day, though nothing happened', async (t) => {
      const { queue } = await open(t);
      assert.deepEqual(await queue.figures.dayCounts(range), [
        { dayMs: midnight, ...nothing },
        { dayMs: midnight + DAY_MS, ...nothing },
      ]);
    });

    it('decisions count from midnight in UTC to the last millisecond before the next', async (t) => {
      const { queue } = await open(t);
      for (const [id, at] of Object.entries({ a: -1, b: 0, c: DAY_MS - 1, d: DAY_MS, e: 2 * DAY_MS }))
        await recordOne(queue, automatic(id, midnight + at), null);
      await recordOne(queue, prediction({ id: 'f', createdMs: midnight + DAY_MS - 1 }), null);
      assert.deepEqual(await queue.figures.dayCounts(range), [
        { dayMs: midnight, ...nothing, automatic: 2, flagged: 1, streams: streamsOf(2, 1) },
        { dayMs: midnight + DAY_MS, ...nothing, automatic: 1, streams: streamsOf(1, 0) },
      ]);
    });

    it('decisions are told by the streams that are asked for, and all others together', async (t) => {
      const { queue } = await open(t);
      const streams = { a: 'camera-1', b: 'camera-1', c: 'camera-3', d: null };
      for (const [id, stream] of Object.entries(streams))
        await recordOne(queue, automatic(id, midnight, { stream }), null);
      await recordOne(queue, prediction({ id: 'e', createdMs: midnight, stream: 'camera-2' }), null);
      await recordOne(queue, automatic('later', midnight + DAY_MS, { stream: 'camera-2' }), null);
      const asked = { ...range, streams: ['camera-1', 'camera-2'] };
      const days = await queue.figures.dayCounts(asked);
      assert.deepEqual(
        days.map(({ streams: counts }) => counts),
        [
          [
            { stream: 'camera-1', flagged: 0, automatic: 2 },
            { stream: 'camera-2', flagged: 1, automatic: 0 },
            { stream: 'other', flagged: 0, automatic: 2 },
          ],
          [
            { stream: 'camera-1', flagged: 0, automatic: 0 },
            { stream: 'camera-2', flagged: 0, automatic: 1 },
            { stream: 'other', flagged: 0, automatic: 0 },
          ],
        ],
      );
    });

    it('decisions are those of one model and one gate, which may be none', async (t) => {
      const { queue } = await open(t);
      await recordOne(queue, automatic('a', midnight, { modelDigest: 'sha256:another' }), null);
      await recordOne(queue, automatic('b', midnight, { gateId: 'gate-2' }), null);
      await recordOne(queue, prediction({ id: 'c', createdMs: midnight, gateId: null }), null);
      const [day] = await queue.figures.dayCounts(range);
      assert.deepEqual([day!.automatic, day!.flagged], [0, 0]);
      const [ungated] = await queue.figures.dayCounts({ ...range, gateId: null });
      assert.deepEqual([ungated!.automatic, ungated!.flagged], [0, 1]);
    });

    it('answers count on the day on which they were given, while they stand', async (t) => {
      const { queue, clock } = await open(t);
      for (const id of ['a', 'b', 'c']) await recordOne(queue, prediction({ id, createdMs: midnight }), null);
      await labelNext(queue, 'ada', 'Shirt');
      clock.ms += DAY_MS;
      await labelNext(queue, 'ada', 'Shirt');
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('c', claim!.lease, { reviewer: 'ada', note: null });
      const counted = async () =>
        (await queue.figures.dayCounts(range)).map(({ labelled, discarded }) => [labelled, discarded]);
      assert.deepEqual(await counted(), [
        [1, 0],
        [1, 1],
      ]);
      await queue.reviewing.undo('b', { reviewer: 'ada', leaseMs: minuteMs });
      assert.deepEqual(await counted(), [
        [1, 0],
        [0, 1],
      ]);
    });

    it('audits belong to the day of their input, apart by probability and verdict', async (t) => {
      const { queue, clock } = await open(t);
      const audit = (id: string, createdMs: number, inclusionProbability: number) =>
        recordAudit(queue, { id, createdMs, inclusionProbability });
      await audit('a', midnight, 0.1);
      await audit('b', midnight + 1, 0.1);
      await audit('c', midnight + 2, 0.5);
      await audit('d', midnight + DAY_MS, 0.5);
      await audit('waiting', midnight + DAY_MS + 1, 0.5);
      clock.ms += 2 * DAY_MS;
      for (const label of ['Shirt', 'Coat', 'Shirt', 'Coat']) await labelNext(queue, 'ada', label);
      for (let i = 0; i < 2; i++) await labelNext(queue, 'ben', 'Coat');
      const days = await queue.figures.dayCounts(range);
      assert.deepEqual(
        days.map(({ automatic: decided, outcomes }) => [decided, outcomes]),
        [
          [
            3,
            [
              { agrees: false, inclusionProbability: 0.1, stream: 'other', count: 1 },
              { agrees: true, inclusionProbability: 0.1, stream: 'other', count: 1 },
              { agrees: true, inclusionProbability: 0.5, stream: 'other', count: 1 },
            ],
          ],
          [2, [{ agrees: false, inclusionProbability: 0.5, stream: 'other', count: 1 }]],
        ],
      );
    });
  });
}
