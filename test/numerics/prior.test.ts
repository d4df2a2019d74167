import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitPrior, priorFor } from '../../src/numerics/jacobian/prior.ts';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';

const N = 5000;
const noise = new Float32Array(N);
fillStandardNormal(noise, createUniform(Uint32Array.of(4, 4, 4, 4)));
const points = Array.from({ length: N }, (_, i) => {
  const s = -8 * (i / N);
  return { softmaxNorm: Math.exp(s), norm: Math.exp(s + 0.7 - 0.1 * s + 0.3 * noise[i]!) };
});

describe('fitPrior', () => {
  it('finds the line and the spread that made the points', () => {
    const prior = fitPrior(points);
    // Standard errors: 0.3/√5000 of the level, 0.3/(2.3·√5000) of the slope; five of them.
    assert.ok(Math.abs(prior.slope + 0.1) < 0.01);
    assert.ok(Math.abs(prior.intercept - 0.7) < 0.05);
    assert.ok(prior.deviation >= 0.29 && prior.deviation < 0.36, String(prior.deviation));
  });

  it('widens the normal until it holds heavy tails', () => {
    const tailed = points.map(({ softmaxNorm, norm }, i) => ({
      softmaxNorm,
      norm: i % 100 === 0 ? norm * 20 : norm,
    }));
    const { deviation } = fitPrior(tailed);
    assert.ok(deviation > 0.9, String(deviation));
  });

  it('fits as many points as there are, far more than a call takes arguments', () => {
    const many = Array.from({ length: 500_000 }, (_, i) => points[i % N]!);
    const { intercept, slope, support } = fitPrior(many);
    const few = fitPrior(points);
    // The same points a hundred times: equal but for the order in which they are summed.
    assert.ok(Math.abs(intercept - few.intercept) < 1e-9 && Math.abs(slope - few.slope) < 1e-9);
    assert.deepEqual(support, few.support);
  });

  it('leaves out saturated images, and refuses fewer than fifty others', () => {
    const saturated = { softmaxNorm: 0, norm: 0 };
    assert.deepEqual(fitPrior([...points, saturated]), fitPrior(points));
    assert.throws(() => fitPrior([...points.slice(0, 49), saturated]), /at least 50/);
  });
});

describe('priorFor', () => {
  const prior = fitPrior(points);

  it('knows nothing of an input more or less confident than any at calibration', () => {
    assert.equal(priorFor(prior, Math.exp(-9)), null);
    assert.equal(priorFor(prior, Math.exp(0.1)), null);
    assert.equal(priorFor(prior, 0), null);
    assert.equal(priorFor(prior, NaN), null);
  });

  it('gives the line’s value inside', () => {
    const { mean } = priorFor(prior, Math.exp(-4))!;
    assert.ok(Math.abs(mean - (-4 + 0.7 + 0.4)) < 0.05);
  });
});
