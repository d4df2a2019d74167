import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';

describe('createUniform', () => {
  it('gives the published sequence of xoshiro128++ for the seed 1, 2, 3, 4', () => {
    const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
    const words = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768];
    for (let i = 0; i < words.length; i += 2) {
      assert.equal(uniform(), (words[i]! >>> 5) * 2 ** -27 + (words[i + 1]! >>> 6) * 2 ** -53);
    }
  });

  it('refuses a seed that would stay at zero', () => {
    assert.throws(() => createUniform(new Uint32Array(4)), /not all zero/);
  });

  it('refuses a seed of another length', () => {
    assert.throws(() => createUniform(Uint32Array.of(1)), /four 32-bit words/);
  });
});

describe('fillStandardNormal', () => {
  it('has the moments 0, 1, 0, 3 of the standard normal distribution', () => {
    const n = 400_000;
    const x = new Float32Array(n);
    fillStandardNormal(x, createUniform(Uint32Array.of(7, 1, 2, 3)));
    const moment = (k: number): number => x.reduce((sum, value) => sum + value ** k, 0) / n;
    // Five standard errors of each sample moment: √(Var(xᵏ)/n) with Var 1, 2, 15, 96.
    assert.ok(Math.abs(moment(1)) < 5 * Math.sqrt(1 / n));
    assert.ok(Math.abs(moment(2) - 1) < 5 * Math.sqrt(2 / n));
    assert.ok(Math.abs(moment(3)) < 5 * Math.sqrt(15 / n));
    assert.ok(Math.abs(moment(4) - 3) < 5 * Math.sqrt(96 / n));
  });

  it('fills arrays of odd length to the end', () => {
    const x = new Float32Array(3);
    fillStandardNormal(x, createUniform(Uint32Array.of(7, 1, 2, 3)));
    assert.ok(x.every((value) => value !== 0));
  });
});
