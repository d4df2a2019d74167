import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../src/gate/decide.ts';
import type { Gate } from '../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { rankScore } from '../../src/gate/rule.ts';
import { signalsOf } from '../../src/gate/signals/registry.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';
import { twoClassMeasurement } from './two-class-measurement.ts';

const gate: Gate = {
  id: 'g',
  format: 1,
  signal: 'mirror_confidence',
  threshold: 0.8,
  confidence_floor: null,
  sensitivity_limit: 2,
  familiarity: null,
  show_prediction: true,
  model: { name: 'test', digest: `sha256:${'0'.repeat(64)}` },
  measurement: { ...DEFAULT_PLAN, copies: { names: ['mirror'], between: [0.6, 0.95] } },
  risk: null,
  calibration: UNPROVEN,
};
const measured = (p: number, mirror: number | null) => ({
  ...twoClassMeasurement(p),
  transforms: null,
  copies: mirror === null ? null : { mirror },
  statistics: null,
});
const reasonsOf = (p: number, mirror: number | null, verdict: 'below' | 'above' | 'undecided' | null) =>
  decide({ signals: signalsOf(measured(p, mirror), null), verdict, familiar: null }, gate, false).reasons;

describe('a gate on a signal over copies', () => {
  it('takes an answer that is clear without its copies', () => {
    assert.deepEqual(reasonsOf(0.95, null, 'below'), []);
    assert.deepEqual(reasonsOf(0.6, null, 'below'), ['sensitive']);
  });

  it('holds the mean over the copies against the threshold where it is not', () => {
    assert.deepEqual(reasonsOf(0.9, 0.7, 'below'), []);
    assert.deepEqual(reasonsOf(0.9, 0.69, 'below'), ['sensitive']);
  });

  it('sends what has no copies, and should, to a person', () => {
    assert.deepEqual(reasonsOf(0.9, null, 'below'), ['not_measurable']);
  });

  it('has the same score where copies were measured that nobody had to ask for', () => {
    const ranking = { signal: gate.signal, plan: gate.measurement, risk: null };
    for (const p of [0.55, 0.6, 0.95, 0.99]) {
      assert.equal(rankScore(ranking, measured(p, 0.1)), rankScore(ranking, measured(p, null)));
    }
  });

  it('sends what is above the limit on the sensitivity to a person, however sure the answer is', () => {
    assert.deepEqual(reasonsOf(0.99, null, 'above'), ['sensitive']);
    assert.deepEqual(reasonsOf(0.99, null, 'undecided'), ['over_budget']);
    assert.deepEqual(reasonsOf(0.99, null, null), ['not_measurable']);
    assert.deepEqual(reasonsOf(0.5, null, 'above'), ['sensitive']);
  });
});
