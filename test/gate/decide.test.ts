import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide, type MeasuredSignals } from '../../src/gate/decide.ts';
import type { Gate } from '../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { SIGNAL_NAMES, type SignalValues } from '../../src/gate/signals/registry.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';

const gate: Gate = {
  id: 'g',
  format: 1,
  signal: 'sensitivity',
  threshold: 0.4,
  confidence_floor: null,
  sensitivity_limit: null,
  familiarity: null,
  show_prediction: true,
  model: { name: 'test', digest: `sha256:${'0'.repeat(64)}` },
  measurement: DEFAULT_PLAN,
  risk: null,
  calibration: UNPROVEN,
};
const signals = {
  sensitivity: 0.1,
  log_sensitivity: 1,
  confidence: 0.9,
  margin: 0.8,
  entropy: 0.3,
} satisfies SignalValues;
const measured = (verdict: MeasuredSignals['verdict'], changes: SignalValues = {}): MeasuredSignals => ({
  signals: { ...signals, ...changes },
  verdict,
  familiar: null,
});

describe('decide', () => {
  it('labels automatically what lies below the threshold', () => {
    assert.deepEqual(decide(measured('below'), gate, false), { decision: 'auto', reasons: [] });
  });

  it('sends everything to review while the gate is closed, beside whatever else speaks against it', () => {
    assert.deepEqual(decide(measured('below'), gate, false, true), {
      decision: 'review',
      reasons: ['promise_broken'],
    });
    assert.deepEqual(decide(measured('above'), gate, true, true).reasons, [
      'damaged_image',
      'sensitive',
      'promise_broken',
    ]);
  });

  it('sends what lies above it to review as sensitive', () => {
    assert.deepEqual(decide(measured('above'), gate, false), { decision: 'review', reasons: ['sensitive'] });
  });

  it('sends what the budget did not decide to review as over budget, however low the estimate', () => {
    assert.deepEqual(decide(measured('undecided', { sensitivity: 0 }), gate, false).reasons, ['over_budget']);
  });

  it('does not take an estimate without a verdict for a measurement', () => {
    assert.deepEqual(decide(measured(null, { sensitivity: 0 }), gate, false).reasons, ['not_measurable']);
  });

  it('holds every other signal against the threshold, accepting exactly at it', () => {
    const byLog: Gate = { ...gate, signal: 'log_sensitivity', threshold: 1 };
    assert.equal(decide(measured(null), byLog, false).decision, 'auto');
    assert.deepEqual(decide(measured(null, { log_sensitivity: 1.01 }), byLog, false).reasons, ['sensitive']);
  });

  it('accepts a high confidence and reviews a low one when confidence is the signal', () => {
    const byConfidence: Gate = { ...gate, signal: 'confidence', threshold: 0.8 };
    assert.equal(decide(measured(null), byConfidence, false).decision, 'auto');
    assert.equal(decide(measured(null, { confidence: 0.7 }), byConfidence, false).decision, 'review');
  });

  it('sends to review what lacks the very signal that the gate is on', () => {
    const byAgreement: Gate = { ...gate, signal: 'agreement', threshold: 0 };
    assert.deepEqual(decide(measured(null), byAgreement, false).reasons, ['not_measurable']);
  });

  it('sends what lies below the confidence floor to review as unconfident', () => {
    const withFloor: Gate = { ...gate, confidence_floor: 0.95 };
    assert.deepEqual(decide(measured('below'), withFloor, false).reasons, ['unconfident']);
    assert.deepEqual(decide(measured('above'), withFloor, false).reasons, ['sensitive', 'unconfident']);
  });

  it('sends everything to review as uncalibrated without a gate', () => {
    assert.deepEqual(decide(measured('below'), null, false), {
      decision: 'review',
      reasons: ['uncalibrated'],
    });
  });

  it('sends what could not be measured to review, and says why', () => {
    assert.deepEqual(decide('not_measurable', gate, false).reasons, ['not_measurable']);
    assert.deepEqual(decide('engine_died', gate, false).reasons, ['not_measurable']);
    assert.deepEqual(decide('deadline', gate, false).reasons, ['over_budget']);
  });

  const verdict = fc.constantFrom('below', 'above', 'undecided', null);

  it('never labels automatically where any number is not finite, whatever the gate', () => {
    const odd = fc.constantFrom(NaN, Infinity, -Infinity);
    const threshold = fc.oneof(fc.double(), odd);
    fc.assert(
      fc.property(
        fc.constantFrom(...SIGNAL_NAMES),
        odd,
        threshold,
        fc.constantFrom(...SIGNAL_NAMES),
        verdict,
        (broken, value, at, signal, side) => {
          const made = decide(measured(side, { [broken]: value }), { ...gate, signal, threshold: at }, false);
          assert.equal(made.decision, 'review');
          assert.ok(made.reasons.includes('not_measurable'));
        },
      ),
    );
  });

  it('has a reason for every review and none for auto, and by sensitivity labels only what lies below', () => {
    const any = fc.double();
    fc.assert(
      fc.property(any, any, any, verdict, (sensitivity, confidence, threshold, side) => {
        const bounds = { threshold, confidence_floor: 0.5 };
        const made = decide(measured(side, { sensitivity, confidence }), { ...gate, ...bounds }, false);
        assert.equal(made.decision === 'auto', made.reasons.length === 0);
        if (made.decision === 'auto') assert.equal(side, 'below');
      }),
    );
  });
});
