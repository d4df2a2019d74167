import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { posterior } from '../../src/numerics/jacobian/posterior.ts';

describe('posterior', () => {
  it('is the χ² law without a prior', () => {
    // P(χ²_4 > 9.488) = P(χ²_4 < 0.711) = 5%, as printed in tables to three digits.
    const [low, high] = posterior(null, { directions: 4, squares: 9.488 }).interval(0.9);
    assert.ok(Math.abs(low - 1) < 1e-4, String(low));
    assert.ok(Math.abs(high - Math.sqrt(9.488 / 0.711)) < 1e-3, String(high));
  });

  it('is the prior without a direction', () => {
    const { median, interval } = posterior({ mean: 0, deviation: 0.5 }, { directions: 0, squares: 0 });
    assert.equal(median, 1);
    // 97.5% quantile of the normal law, 1.959964, as printed in tables.
    const [low, high] = interval(0.95);
    assert.ok(Math.abs(Math.log(low) + 0.979982) < 1e-6 && Math.abs(Math.log(high) - 0.979982) < 1e-6);
  });

  it('comes to the prior as the evidence loses its weight', () => {
    const prior = { mean: 0, deviation: 0.05 };
    const alone = posterior(prior, { directions: 0, squares: 0 }).interval(0.9);
    // ‖Jv‖² = 1 at a norm of 1 has no slope in ln ‖J‖, and its curvature of 2 is nothing beside the prior's
    // 400.
    const beside = posterior(prior, { directions: 1, squares: 1 }).interval(0.9);
    for (const end of [0, 1] as const) assert.ok(Math.abs(beside[end] - alone[end]) < 0.001);
  });

  it('agrees with direct integration where prior and evidence both speak', () => {
    const prior = { mean: -1, deviation: 0.7 };
    const [low, high] = posterior(prior, { directions: 3, squares: 2.5 }).interval(0.8);
    const density = (u: number): number =>
      Math.exp(-0.5 * ((u + 1) / 0.7) ** 2 - 3 * u - 1.25 * Math.exp(-2 * u));
    let total = 0;
    let [belowLow, belowHigh] = [0, 0];
    for (let u = -8; u < 8; u += 1e-4) {
      total += density(u);
      if (u <= Math.log(low)) belowLow += density(u);
      if (u <= Math.log(high)) belowHigh += density(u);
    }
    assert.ok(Math.abs(belowLow / total - 0.1) < 1e-3);
    assert.ok(Math.abs(belowHigh / total - 0.9) < 1e-3);
  });

  it('comes to the χ² law as the prior loses its weight', () => {
    const evidence = { directions: 16, squares: 20 };
    const flat = posterior({ mean: 0, deviation: 50 }, evidence).interval(0.9);
    const none = posterior(null, evidence).interval(0.9);
    // A prior of deviation 50 still tilts the likelihood by less than 1/50 over its width; the grid's points
    // are 1.5% apart.
    for (const end of [0, 1] as const) assert.ok(Math.abs(flat[end] / none[end] - 1) < 0.02);
  });

  it('puts a norm of zero below any threshold', () => {
    assert.deepEqual(posterior(null, { directions: 1, squares: 0 }).interval(0.99), [0, 0]);
  });

  it('refuses to say anything where nothing is known', () => {
    assert.throws(() => posterior(null, { directions: 0, squares: 0 }), RangeError);
  });
});
