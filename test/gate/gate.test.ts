import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GateError } from '../../src/gate/gate-error.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { parseGate, readGate } from '../../src/gate/read-gate.ts';
import { signalsOf } from '../../src/gate/signals/registry.ts';
import type { MeasuredInput } from '../../src/gate/signals/measured-input.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';

const digest = `sha256:${'a'.repeat(64)}`;

const valid = {
  format: 1,
  signal: 'sensitivity',
  threshold: 0.2,
  confidence_floor: null,
  show_prediction: true,
  model: { name: 'test', digest },
  measurement: DEFAULT_PLAN,
  calibration: UNPROVEN,
};

function file(changes: object = {}): string {
  return JSON.stringify({ ...valid, ...changes });
}

function refusal(text: string, forDigest = digest): GateError {
  try {
    parseGate(text, 'gate.json', forDigest);
  } catch (error) {
    assert.ok(error instanceof GateError, String(error));
    return error;
  }
  return assert.fail('it was accepted');
}

describe('parseGate', () => {
  it('refuses a gate made for another model and names both digests', () => {
    const other = `sha256:${'b'.repeat(64)}`;
    const error = refusal(file(), other);
    assert.equal(error.code, 'gate_for_another_model');
    assert.ok(error.message.includes(digest) && error.message.includes(other));
  });

  it('refuses a threshold that is no number', () => {
    const error = refusal(file({ threshold: null }));
    assert.equal(error.code, 'bad_gate');
    assert.match(error.message, /threshold/);
  });

  it('refuses fields it does not know, since they might change the decision', () => {
    assert.match(refusal(file({ treshold: 1 })).message, /treshold/);
  });

  it('refuses text that is not JSON', () => {
    assert.equal(refusal('{').code, 'bad_gate');
  });

  it('names the text that no database could keep', () => {
    for (const text of ['a\0', '\ud800', 'a\udfff']) {
      const error = refusal(file({ model: { name: text, digest } }));
      assert.equal(error.code, 'bad_gate');
      assert.match(error.message, /^gate\.json model\.name: expected well-formed text without NUL/);
    }
  });

  it('gives equal content the same id and other content another', () => {
    const id = parseGate(file(), 'a', digest).id;
    assert.equal(parseGate(file(), 'b', digest).id, id);
    assert.notEqual(parseGate(file({ threshold: 0.3 }), 'a', digest).id, id);
  });

  it('says that the file is missing', async () => {
    await assert.rejects(readGate('/nowhere/gate.json', digest), (error: unknown) => {
      return (
        error instanceof GateError &&
        error.code === 'missing_gate' &&
        error.message.includes('/nowhere/gate.json')
      );
    });
  });
});

describe('the measurement of a gate', () => {
  const withMeasurement = (changes: object, others: object = {}): string =>
    file({ measurement: { ...DEFAULT_PLAN, ...changes }, ...others });

  it('must take more directions at each look', () => {
    assert.match(refusal(withMeasurement({ looks: [4, 2] })).message, /ascending/);
    assert.match(refusal(withMeasurement({ looks: [0] })).message, /at least one direction/);
  });

  it('must include transformations where the signal needs them', () => {
    assert.match(
      refusal(withMeasurement({}, { signal: 'agreement' })).message,
      /needs measurement\.transforms/,
    );
    const transforms = [{ name: 'shift_x', step: 0.04 }];
    assert.equal(
      parseGate(withMeasurement({ transforms }, { signal: 'agreement' }), 'a', digest).signal,
      'agreement',
    );
  });

  it('must take a direction where the gate is on the log sensitivity', () => {
    assert.match(
      refusal(withMeasurement({ looks: [0, 8] }, { signal: 'log_sensitivity' })).message,
      /one direction or more/,
    );
  });
});

describe('signalsOf', () => {
  const measured: MeasuredInput = {
    logits: Float32Array.of(Math.LN2, 0, 0),
    probabilities: Float64Array.of(0.5, 0.25, 0.25),
    predicted: 0,
    sensitivity: 0.3,
    interval: null,
    confidence: 1,
    logSensitivity: 0.7,
    logitSensitivity: 1,
    verdict: null,
    method: 'exact',
    probes: 1,
    passes: 1,
    rounds: [],
    looks: [],
    asymmetry: null,
    transforms: null,
    copies: null,
    statistics: null,
  };

  it('gives confidence, margin and entropy in nats', () => {
    const { entropy, logit_margin, normalised_logit, ...others } = signalsOf(measured, null);
    assert.deepEqual(others, { sensitivity: 0.3, log_sensitivity: 0.7, confidence: 0.5, margin: 0.25 });
    assert.ok(Math.abs(entropy! - 1.5 * Math.LN2) < 1e-15);
    assert.ok(Math.abs(logit_margin! - Math.LN2) < 1e-7);
    // Centred, the logits are 2a, −a and −a; their 5-norm is a·(32 + 1 + 1)^(1/5).
    assert.ok(Math.abs(normalised_logit! - 2 / 34 ** 0.2) < 1e-7);
  });

  it('gives a mean over copies where all of them were measured', () => {
    const copies = { shift_right: 0.25, mirror: 0.75 };
    const signals = signalsOf({ ...measured, copies }, null);
    assert.deepEqual([signals.shift_confidence, signals.mirror_confidence], [0.375, 0.625]);
    assert.ok(!('two_shift_confidence' in signals));
  });

  it('has only what was measured', () => {
    const transforms = { sensitivity: 0.2, agreement: 0.6, each: [], passes: 12 };
    const signals = signalsOf({ ...measured, logSensitivity: null, transforms }, null);
    assert.ok(!('log_sensitivity' in signals));
    assert.deepEqual([signals.transform_sensitivity, signals.agreement], [0.2, 0.6]);
  });
});
