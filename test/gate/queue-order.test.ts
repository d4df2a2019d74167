import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { placeAmong, quantilesOf, reviewPriority } from '../../src/gate/queue-order.ts';
import type { Gate } from '../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';

describe('placeAmong', () => {
  it('is the share below a value, and goes on beyond the last', () => {
    const quantiles = quantilesOf(Array.from({ length: 1001 }, (_, i) => i));
    assert.deepEqual(
      [-5, 0, 15, 500, 1000].map((value) => placeAmong(quantiles, value)),
      [0, 0, 0.015, 0.5, 1],
    );
    assert.equal(placeAmong(quantiles, 1500), 1.5);
    assert.equal(placeAmong(quantiles, Infinity), 2);
  });

  it('never puts a larger value before a smaller one', () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 300 });
    const any = fc.double({ noNaN: true });
    fc.assert(
      fc.property(values, any, any, (some, a, b) => {
        const quantiles = quantilesOf(some);
        const [low, high] = a <= b ? [a, b] : [b, a];
        assert.ok(placeAmong(quantiles, low) <= placeAmong(quantiles, high));
      }),
    );
  });
});

describe('reviewPriority', () => {
  const gate: Gate = {
    id: 'g',
    format: 1,
    signal: 'confidence',
    threshold: 0.9,
    confidence_floor: null,
    sensitivity_limit: 1,
    familiarity: null,
    show_prediction: true,
    model: { name: 'test', digest: `sha256:${'0'.repeat(64)}` },
    measurement: DEFAULT_PLAN,
    risk: null,
    calibration: {
      ...UNPROVEN,
      sensitivity_quantiles: quantilesOf(Array.from({ length: 101 }, (_, i) => (4 * i) / 100)),
      rank_quantiles: quantilesOf(Array.from({ length: 101 }, (_, i) => (0.4 * i) / 100 - 1)),
    },
  };

  it('is the place of the part that sent the image, the furthest out of several', () => {
    const priority = (sensitivity: number, confidence: number) =>
      reviewPriority(gate, ['sensitive'], { sensitivity, confidence }, null);
    assert.ok(Math.abs(priority(0, 0.7) - 0.75) < 0.01);
    assert.ok(Math.abs(priority(2, 1) - 0.5) < 0.01);
    assert.ok(priority(3, 0.8) > priority(2, 0.8));
  });

  it('puts what was not measured behind all that was', () => {
    assert.equal(reviewPriority(gate, ['over_budget'], {}, null), -Number.MAX_VALUE);
    assert.equal(reviewPriority(gate, ['not_measurable'], { sensitivity: NaN }, null), -Number.MAX_VALUE);
  });

  it('is the sensitivity where there is no gate to compare with', () => {
    assert.equal(reviewPriority(null, ['uncalibrated'], { sensitivity: 3.5 }, null), 3.5);
  });
});
