import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { posterior } from '../../src/numerics/jacobian/posterior.ts';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';
import {
  atLeast,
  fitRemainderPrior,
  remainderPriorFor,
  withCaptured,
} from '../../src/numerics/jacobian/remainder-prior.ts';

const N = 5000;
const noise = new Float32Array(N);
fillStandardNormal(noise, createUniform(Uint32Array.of(4, 4, 4, 4)));
const points = Array.from({ length: N }, (_, i) => {
  const captured = 1 + (i % 7);
  const expectedRatio = Math.exp(-(i % 13) / 2);
  const remainder = captured * Math.exp(-0.4 + 0.7 * Math.log(expectedRatio) + 0.9 * noise[i]!);
  return { captured, expectedRatio, remainder };
});

describe('fitRemainderPrior', () => {
  it('finds the location, the slope and the deviation that made the points', () => {
    const { location, slope, deviation } = fitRemainderPrior(points);
    // Five standard errors: 0.9/√5000 over the deviation of ln(expectedRatio), 1.87, and twice that where it
    // is 0.
    assert.ok(Math.abs(slope - 0.7) < 0.034, String(slope));
    assert.ok(Math.abs(location + 0.4) < 0.125, String(location));
    assert.ok(deviation > 0.87 && deviation < 1.1, String(deviation));
  });

  it('widens for a heavy tail above, not for one below', () => {
    const usual = fitRemainderPrior(points).deviation;
    const above = points.map((point, i) =>
      i % 200 === 0 ? { ...point, remainder: point.remainder * 1e4 } : point,
    );
    assert.ok(fitRemainderPrior(above).deviation > 1.5 * usual);
    const below = points.map((point, i) =>
      i % 500 === 0 ? { ...point, remainder: point.remainder * 1e-2 } : point,
    );
    assert.ok(fitRemainderPrior(below).deviation < 1.2 * usual);
  });

  it('refuses fewer than fifty points', () => {
    assert.throws(() => fitRemainderPrior(points.slice(0, 49)), /at least 50/);
  });
});

describe('withCaptured', () => {
  const captured = 4;
  const remainder = remainderPriorFor({ location: Math.log(0.5), slope: 1, deviation: 0.2 }, captured, 0.5);
  const known = withCaptured(captured, posterior(remainder, { directions: 0, squares: 0 }));

  it('adds squares: the median of the remainder is √(4·0.5·0.5) = 1', () => {
    assert.ok(Math.abs(known.median - Math.sqrt(5)) < 1e-3);
  });

  it('cannot be less than what is captured', () => {
    assert.ok(known.interval(0.999)[0] > 2);
    assert.ok(atLeast(captured).interval(0.999)[0] === 2);
  });

  it('knows nothing above what is captured where the remainder is unknown', () => {
    assert.deepEqual(atLeast(captured).interval(0.9), [2, Infinity]);
  });
});
