import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spansOf } from '../../src/oversight/gate-days.ts';
import { DAY_MS, type DayCounts } from '../../src/store/day-counts.ts';

const day = (n: number, errors = 0, labels = 0): DayCounts => ({
  dayMs: n * DAY_MS,
  labelled: 1,
  discarded: 2,
  flagged: 3,
  automatic: 4,
  streams: [{ stream: 'other', flagged: 3, automatic: 4 }],
  outcomes: [
    { agrees: false, inclusionProbability: 0.1, stream: 'other', count: errors },
    { agrees: true, inclusionProbability: 0.1, stream: 'other', count: labels - errors },
  ].filter(({ count }) => count > 0),
});

describe('spans of days', () => {
  it('are counted back from the last day, the first with what is left', () => {
    const days = Array.from({ length: 9 }, (_, i) => day(i));
    const [first, last] = spansOf(days, 7, null, 0.95);
    assert.deepEqual([first!.fromMs, first!.untilMs], [0, 2 * DAY_MS]);
    assert.deepEqual([last!.fromMs, last!.untilMs], [2 * DAY_MS, 9 * DAY_MS]);
    assert.deepEqual([last!.labelled, last!.discarded, last!.flagged, last!.automatic], [7, 14, 21, 28]);
  });

  it('have an estimate from their own audits, and none without', () => {
    const spans = spansOf([day(0, 2, 100), day(1), day(2, 1, 50)], 1, 0.05, 0.95);
    assert.deepEqual(
      spans.map(({ audit }) => [audit.labels, audit.errors, audit.estimate]),
      [
        [100, 2, 0.02],
        [0, 0, null],
        [50, 1, 0.02],
      ],
    );
    const [joined] = spansOf([day(0, 2, 100), day(1), day(2, 1, 50)], 3, 0.05, 0.95);
    assert.deepEqual([joined!.audit.labels, joined!.audit.errors], [150, 3]);
  });
});
