import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { uniformDirection } from '../../src/numerics/jacobian/directions.ts';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';

const D = 5;
const DRAWS = 40_000;

for (const draw of [fillStandardNormal, uniformDirection]) {
  describe(draw.name, () => {
    it('has E[v vᵀ] = I', () => {
      const uniform = createUniform(Uint32Array.of(11, 12, 13, 14));
      const sum = new Float64Array(D * D);
      const v = new Float32Array(D);
      for (let n = 0; n < DRAWS; n++) {
        draw(v, uniform);
        for (let i = 0; i < D; i++) for (let j = 0; j < D; j++) sum[i * D + j]! += v[i]! * v[j]!;
      }
      // Five standard errors of a mean of products with variance at most 2.
      const bound = 5 * Math.sqrt(2 / DRAWS);
      for (let i = 0; i < D; i++) {
        for (let j = 0; j < D; j++) {
          assert.ok(Math.abs(sum[i * D + j]! / DRAWS - (i === j ? 1 : 0)) < bound, `entry ${i}, ${j}`);
        }
      }
    });
  });
}

describe('uniformDirection', () => {
  it('stays between −√3 and √3, to the last coordinate, and never gives the same direction twice', () => {
    const uniform = createUniform(Uint32Array.of(1, 0, 0, 0));
    const seen = new Set<string>();
    const v = new Float32Array(100);
    for (let n = 0; n < 200; n++) {
      uniformDirection(v, uniform);
      assert.ok(v.every((value) => value !== 0 && Math.abs(value) < Math.sqrt(3)));
      seen.add(v.join());
    }
    assert.equal(seen.size, 200);
  });

  it('has independent coordinates at every distance within a draw', () => {
    const v = new Float32Array(96_000);
    uniformDirection(v, createUniform(Uint32Array.of(2, 0, 0, 0)));
    for (let distance = 1; distance <= 12; distance++) {
      let sum = 0;
      for (let i = 0; i + distance < v.length; i++) sum += v[i]! * v[i + distance]!;
      // Five standard errors of a sum of products of variance one.
      assert.ok(Math.abs(sum) < 5 * Math.sqrt(v.length), `distance ${distance}`);
    }
  });

  for (const pixels of [1, 2, 4, 30]) {
    it(`misses a gradient on ${pixels} equal pixels no oftener than the bound on slices of the cube allows`, () => {
      const uniform = createUniform(Uint32Array.of(3, pixels, 0, 0));
      const v = new Float32Array(pixels);
      const draws = 40_000;
      const near = 0.05;
      let missed = 0;
      for (let n = 0; n < draws; n++) {
        uniformDirection(v, uniform);
        if (Math.abs(v.reduce((sum, value) => sum + value, 0)) / Math.sqrt(pixels) < near) missed++;
      }
      // Density at most √2/√12, both sides of zero; four binomial standard errors.
      const bound = 2 * near * Math.sqrt(2 / 12);
      assert.ok(missed / draws < bound + 4 * Math.sqrt(bound / draws), `${missed} of ${draws}`);
    });
  }
});
