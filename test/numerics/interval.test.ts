import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normInterval } from '../../src/numerics/jacobian/interval.ts';

describe('normInterval', () => {
  // χ² quantiles as printed in common tables, to three decimals.
  const published = [
    { k: 1, miss: 0.1, low: 0.00393, high: 3.841 },
    { k: 4, miss: 0.1, low: 0.711, high: 9.488 },
    { k: 10, miss: 0.05, low: 3.247, high: 20.483 },
    { k: 64, miss: 0.02, low: 40.649, high: 93.217 },
  ];
  for (const { k, miss, low, high } of published) {
    it(`uses the published χ² quantiles for ${k} directions at ${miss}`, () => {
      const [lower, upper] = normInterval(1, k, miss);
      assert.ok(Math.abs(k / lower ** 2 / high - 1) < 1e-3);
      assert.ok(Math.abs(k / upper ** 2 / low - 1) < 1e-3);
    });
  }

  it('scales with the estimate', () => {
    const [low, high] = normInterval(4, 8, 0.01);
    const [one, other] = normInterval(1, 8, 0.01);
    assert.ok(Math.abs(low - 2 * one) < 1e-12 && Math.abs(high - 2 * other) < 1e-12);
  });

  it('refuses zero directions', () => {
    assert.throws(() => normInterval(1, 0, 0.1), RangeError);
  });
});
