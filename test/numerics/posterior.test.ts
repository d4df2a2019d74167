import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { posterior } from '../../src/numerics/posterior.ts';

describe('posterior', () => {
  it('is the χ² law without a prior', () => {
    // P(χ²_4 > 9.488) = 5%, as printed in tables to three digits.
    const { probabilityBelow } = posterior(null, { directions: 4, squares: 9.488 });
    assert.ok(Math.abs(probabilityBelow(1) - 0.05) < 1e-5);
  });

  it('is the prior without a direction', () => {
    const { probabilityBelow, median, interval } = posterior(
      { mean: 0, deviation: 0.5 },
      { directions: 0, squares: 0 },
    );
    // Φ(1) and the 97.5% quantile of the normal law, as printed in tables.
    assert.equal(median, 1);
    assert.ok(Math.abs(probabilityBelow(Math.exp(0.5)) - 0.8413447) < 1e-7);
    const [low, high] = interval(0.95);
    assert.ok(Math.abs(Math.log(low) + 0.979982) < 1e-6 && Math.abs(Math.log(high) - 0.979982) < 1e-6);
  });

  it('comes to the prior as the evidence loses its weight', () => {
    const prior = { mean: 0, deviation: 0.05 };
    const alone = posterior(prior, { directions: 0, squares: 0 });
    // ‖Jv‖² = 1 at a norm of 1 has no slope in ln ‖J‖, and its curvature of 2 is nothing beside the prior's 400.
    const beside = posterior(prior, { directions: 1, squares: 1 });
    for (const threshold of [0.95, 1, 1.05]) {
      assert.ok(Math.abs(beside.probabilityBelow(threshold) - alone.probabilityBelow(threshold)) < 0.005);
    }
  });

  it('agrees with direct integration where prior and evidence both speak', () => {
    const prior = { mean: -1, deviation: 0.7 };
    const evidence = { directions: 3, squares: 2.5 };
    const density = (u: number): number =>
      Math.exp(-0.5 * ((u + 1) / 0.7) ** 2 - 3 * u - 1.25 * Math.exp(-2 * u));
    let below = 0;
    let total = 0;
    for (let u = -8; u < 8; u += 1e-4) {
      total += density(u);
      if (u <= -0.2) below += density(u);
    }
    const { probabilityBelow } = posterior(prior, evidence);
    assert.ok(Math.abs(probabilityBelow(Math.exp(-0.2)) - below / total) < 1e-3);
  });

  it('comes to the χ² law as the prior loses its weight', () => {
    const evidence = { directions: 16, squares: 20 };
    const flat = posterior({ mean: 0, deviation: 50 }, evidence);
    const none = posterior(null, evidence);
    // A prior of deviation 50 still tilts the likelihood by less than 1/50 over its width.
    assert.ok(Math.abs(flat.probabilityBelow(1.2) - none.probabilityBelow(1.2)) < 0.01);
  });

  it('puts a norm of zero below any threshold', () => {
    assert.equal(posterior(null, { directions: 1, squares: 0 }).probabilityBelow(1e-9), 1);
  });

  it('refuses to say anything where nothing is known', () => {
    assert.throws(() => posterior(null, { directions: 0, squares: 0 }), RangeError);
  });
});
