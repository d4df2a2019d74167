import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecordedAnswer } from '../../src/prediction/answer.ts';
import { decodeAnswer, encodeAnswer, readableAnswer } from '../../src/prediction/stored-answer.ts';
import type { Json } from '../../src/store/json.ts';
import type { PredictionRecord } from '../../src/store/prediction-record.ts';

const digest = `sha256:${'0'.repeat(64)}`;

const answer: RecordedAnswer = {
  id: 'id-1',
  stream: 'camera-1',
  decision: 'review',
  reasons: ['sensitive', 'unconfident'],
  label: null,
  prediction: {
    label: 'Shirt',
    index: 6,
    probability: 0.61,
    top: [
      { label: 'Shirt', probability: 0.61 },
      { label: 'Coat', probability: 0.3 },
    ],
  },
  sensitivity: {
    value: 0.82,
    interval: [0.61, 1.2],
    confidence: 0.99,
    probes: 8,
    method: 'estimate',
  },
  signals: { sensitivity: 0.82, confidence: 0.61 },
  gate: { id: 'gate-1', signal: 'sensitivity', threshold: 0.4 },
  model: { name: 'fashion-mnist', digest },
};

function recordWith(stored: { readonly [key: string]: Json }): PredictionRecord {
  return {
    id: 'id-1',
    caller: 'shop',
    stream: 'camera-1',
    createdMs: 0,
    inputHash: 'hash',
    modelDigest: digest,
    gateId: 'gate-1',
    decision: 'review',
    reasons: ['sensitive', 'unconfident'],
    inclusionProbability: 1,
    predictedLabel: 'Shirt',
    priority: 0.82,
    // As a database gives it back.
    answer: JSON.parse(JSON.stringify(stored)) as { readonly [key: string]: Json },
  };
}

describe('a stored answer', () => {
  it('is read as it was written', () => {
    assert.deepEqual(decodeAnswer(recordWith(encodeAnswer(answer))), answer);
    const exact = {
      ...answer,
      sensitivity: { ...answer.sensitivity!, interval: null, method: 'exact', asymmetry: 0.25 } as const,
    };
    assert.deepEqual(decodeAnswer(recordWith(encodeAnswer(exact))), exact);
    const unmeasured = { ...answer, prediction: null, sensitivity: null, gate: null, signals: {} };
    assert.deepEqual(decodeAnswer(recordWith(encodeAnswer(unmeasured))), unmeasured);
  });

  it('is read where numbers in it were not finite, which JSON writes as null', () => {
    const open = {
      ...answer,
      sensitivity: { ...answer.sensitivity!, interval: [4.9, Infinity] as const },
      signals: { sensitivity: 5, risk: NaN },
    };
    assert.deepEqual(decodeAnswer(recordWith(encodeAnswer(open))), open);
    const first = Object.entries(encodeAnswer(open)).filter(([name]) => name !== 'format');
    assert.deepEqual(decodeAnswer(recordWith(Object.fromEntries(first))), open);
  });

  it('is read part by part for lists, where something is wrong with it', () => {
    const damaged = { ...encodeAnswer(answer), sensitivity: 'none' };
    assert.throws(() => decodeAnswer(recordWith(damaged)));
    assert.deepEqual(readableAnswer(recordWith(damaged)), { ...answer, sensitivity: null });
  });

  it('is read as release 0.1 wrote it, which was what HTTP gave', () => {
    const { id, ...others } = answer;
    const written = {
      ...{ id, ...others },
      review: { id, state: 'pending', href: `/v1/reviews/${id}` },
    } as unknown as { readonly [key: string]: Json };
    assert.deepEqual(decodeAnswer(recordWith(written)), answer);
  });

  it('is read without the parts that a first release did not write', () => {
    assert.deepEqual(decodeAnswer(recordWith({ id: 'id-1', sensitivity: { value: 0.82 } })), {
      ...answer,
      reasons: [],
      prediction: null,
      sensitivity: null,
      signals: {},
      gate: null,
      model: { name: '', digest },
    });
  });

  it('is read with reasons, methods and members that only a later release knows', () => {
    const later = {
      ...answer,
      reasons: ['sensitive', 'too_beautiful'],
      sensitivity: { ...answer.sensitivity!, method: 'by_heart' },
    };
    const stored = recordWith({
      ...encodeAnswer(later),
      seen_by: { camera: 7 },
      gate: { ...answer.gate!, of: 'a stream' },
    });
    assert.deepEqual(decodeAnswer(stored), later);
    assert.deepEqual(readableAnswer(stored), later);
  });

  it('is refused where a later release wrote it, or something is wrong with it, by its id', () => {
    assert.throws(
      () => decodeAnswer(recordWith({ ...encodeAnswer(answer), format: 3 })),
      /stored answer of id-1 in format 2, got format 3/,
    );
    assert.throws(
      () => decodeAnswer(recordWith({ ...encodeAnswer(answer), decision: 'perhaps' })),
      /stored answer of id-1 is not what was written/,
    );
  });
});
