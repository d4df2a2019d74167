import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { auditPriority } from '../../src/prediction/audit-place.ts';

const random = createUniform(Uint32Array.of(3, 1, 4, 1));

describe('the place of an audit', () => {
  it('is as probable in each gap between the others', () => {
    const others = [0.5, 0.1, 2, 0.9, 0.3];
    const counts = Array<number>(6).fill(0);
    for (let i = 0; i < 30_000; i++) {
      const place = auditPriority(others, 1e-6, random);
      counts[others.filter((other) => other < place).length]!++;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);
    // 5 degrees of freedom: the quantile of 0.999 is 20.5.
    assert.ok(chiSquared < 20.5, `χ² ${chiSquared}`);
  });

  it('is never that of another', () => {
    const others = [0.5, 0.1, 2];
    for (let i = 0; i < 1000; i++) assert.ok(!others.includes(auditPriority(others, 1e-6, random)));
  });

  it('is its own where there are no others', () => {
    assert.equal(auditPriority([], 1e-6, random), 1e-6);
  });

  for (const others of [
    [-Number.MAX_VALUE, -Number.MAX_VALUE],
    [-Number.MAX_VALUE, 0.5],
    [0, 0],
    [Number.MAX_VALUE, Number.MAX_VALUE],
  ])
    it(`is finite among ${others.join(', ')}`, () => {
      for (let i = 0; i < 1000; i++) assert.ok(Number.isFinite(auditPriority(others, 0.1, random)));
    });
});
