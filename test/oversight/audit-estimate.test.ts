import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateFromAudit } from '../../src/oversight/audit-estimate.ts';
import { type PastDecision, type PastRule, whatIf } from '../../src/oversight/what-if.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';

const labels = (count: number, errors: number, inclusionProbability = 0.01) => [
  { agrees: true, inclusionProbability, count: count - errors },
  { agrees: false, inclusionProbability, count: errors },
];

describe('the audit estimate', () => {
  it('is the error rate with the mid-p and the exact interval where all were drawn alike', () => {
    const { estimate, interval, exact_interval: exact } = estimateFromAudit(labels(100, 10), null, 0.95);
    assert.ok(Math.abs(estimate! - 0.1) < 1e-12);
    // As printed in tables: 10 of 100 at 95%.
    assert.ok(Math.abs(exact[0] - 0.049) < 5e-4 && Math.abs(exact[1] - 0.1762) < 5e-4);
    assert.ok(interval[0] > exact[0] && interval[1] < exact[1]);
  });

  it('decides the state as one may who looks after every label, though both intervals would have already', () => {
    const { state, interval, exact_interval: exact } = estimateFromAudit(labels(190, 0), 0.02, 0.95);
    assert.ok(interval[1] < 0.02 && exact[1] < 0.02);
    assert.equal(state, 'too_few_labels');
  });

  it('is never broken by fewer than four errors', () => {
    for (const errors of [1, 2, 3])
      assert.equal(estimateFromAudit(labels(errors, errors), 1e-6, 0.95).state, 'too_few_labels');
    assert.equal(estimateFromAudit(labels(4, 4), 1e-6, 0.95).state, 'broken');
  });

  it('weighs labels of a higher rate less in the state too', () => {
    // Nine inputs of ten are wrong in 1%, one is wrong in 11% and is audited ten times as often.
    const strata = [...labels(900, 9, 0.01), ...labels(1000, 110, 0.1)];
    assert.notEqual(estimateFromAudit(strata, 0.02, 0.95).state, 'broken');
    assert.equal(estimateFromAudit(labels(1900, 119), 0.02, 0.95).state, 'broken');
  });

  it('proves nothing where 0 or 1 is promised', () => {
    for (const promised of [0, 1])
      assert.equal(estimateFromAudit(labels(1000, 500), promised, 0.95).state, 'too_few_labels');
  });

  it('counts each label for as many inputs as it was drawn from', () => {
    const { estimate } = estimateFromAudit([...labels(10, 0, 0.1), ...labels(10, 10, 0.9)], null, 0.95);
    // 100 inputs without an error, 11.1 with nothing but errors.
    assert.ok(Math.abs(estimate! - 10 / 0.9 / (100 + 10 / 0.9)) < 1e-12);
  });

  it('says whether the promise holds, is broken, or cannot be told', () => {
    assert.equal(estimateFromAudit(labels(1000, 0), 0.02, 0.95).state, 'holding');
    assert.equal(estimateFromAudit(labels(100, 20), 0.02, 0.95).state, 'broken');
    assert.equal(estimateFromAudit(labels(20, 0), 0.02, 0.95).state, 'too_few_labels');
    assert.deepEqual(estimateFromAudit([], 0.02, 0.95).interval, [0, 1]);
  });
});

describe('looking back at another threshold', () => {
  const past = (
    decision: 'auto' | 'review',
    sensitivity: number,
    agrees: boolean | null = null,
  ): PastDecision => ({
    decision,
    agrees,
    signals: { sensitivity, confidence: 0.9 },
    familiarity: null,
  });
  const gate = {
    signal: 'sensitivity',
    confidence_floor: 0.5,
    sensitivity_limit: null,
    familiarity: null,
    measurement: DEFAULT_PLAN,
  } as const;

  it('counts what would be automatic, and what would go to people', () => {
    const decisions = [past('auto', 1), past('auto', 2), past('review', 3), past('review', 4)];
    assert.equal(whatIf(decisions, gate, 3, 0.05).review_rate, 0.25);
    assert.equal(whatIf(decisions, gate, 0.5, 0.05).automatic, 0);
    const unconfident = { ...gate, confidence_floor: 0.95 };
    assert.equal(whatIf(decisions, unconfident, 3, 0.05).automatic, 0);
  });

  it('says what each part of the rule sends, and what it alone does', () => {
    const ranked: PastRule = {
      ...gate,
      ...{ signal: 'confidence', confidence_floor: null, sensitivity_limit: 2.5 },
      familiarity: { cut: 7 } as PastRule['familiarity'],
    };
    const decisions = [
      { ...past('auto', 1, true), familiarity: 1 },
      { ...past('review', 3, false), familiarity: 1 },
      { ...past('review', 1, false), familiarity: 8 },
      { ...past('review', 3, null), familiarity: null },
    ];
    const { automatic, parts } = whatIf(decisions, ranked, 0.8, 0.05);
    assert.equal(automatic, 1);
    assert.deepEqual(parts, [
      { part: 'rank', sent: { images: 0, errors: 0 }, alone: { images: 0, errors: 0 } },
      { part: 'sensitivity', sent: { images: 2, errors: 1 }, alone: { images: 1, errors: 1 } },
      { part: 'familiarity', sent: { images: 2, errors: 1 }, alone: { images: 1, errors: 1 } },
    ]);
  });

  it('bounds nothing where nobody looked', () => {
    assert.equal(whatIf([past('auto', 1), past('review', 2, true)], gate, 2, 0.05).bound, null);
  });

  it('is the exact bound where one source speaks for all', () => {
    const decisions = Array.from({ length: 59 }, () => past('auto', 1, true));
    // 59 without an error prove 5%.
    assert.ok(Math.abs(whatIf(decisions, gate, 1, 0.05).bound! - 0.0495) < 5e-4);
  });
});
