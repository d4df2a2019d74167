import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { createAuditDraw } from '../../src/prediction/audit-draw.ts';

const uniform = (seed: number) => createUniform(Uint32Array.of(seed, 7, 7, 7));

describe('the draw of audits', () => {
  it('gives every answer the chance that its rate says, whatever the rates before it', () => {
    const rates = [0.3, 0.9, 0.05, 0.6, 1, 0, 0.7, 0.45, 0.2, 0.8];
    const runs = 40_000;
    const random = uniform(1);
    const hits = rates.map(() => 0);
    for (let run = 0; run < runs; run++) {
      const draw = createAuditDraw(random);
      for (const [i, rate] of rates.entries()) if (draw('s', rate)) hits[i]!++;
    }
    for (const [i, rate] of rates.entries()) {
      const deviation = Math.sqrt((rate * (1 - rate)) / runs);
      const share = hits[i]! / runs;
      assert.ok(Math.abs(share - rate) <= 4.5 * deviation, `answer ${i}: drawn ${share}, rate ${rate}`);
    }
  });

  it('draws as many of each stratum as its rates sum up to, give or take one', () => {
    const draw = createAuditDraw(uniform(2));
    const random = uniform(3);
    const strata = new Map<string, { sum: number; drawn: number }>();
    for (let i = 0; i < 20_000; i++) {
      const name = `stratum ${Math.floor(random() ** 3 * 20)}`;
      const rate = random() * 0.05;
      const counts = strata.get(name) ?? { sum: 0, drawn: 0 };
      strata.set(name, counts);
      counts.sum += rate;
      if (draw(name, rate)) counts.drawn++;
      assert.ok(Math.abs(counts.drawn - counts.sum) <= 1 + 1e-9, `${name}: ${JSON.stringify(counts)}`);
    }
    assert.equal(strata.size, 20);
  });

  it('draws any one of a hundred at 1%, each as often', () => {
    const counts = Array<number>(100).fill(0);
    const random = uniform(10);
    for (let run = 0; run < 20_000; run++) {
      const draw = createAuditDraw(random);
      for (let i = 0; i < 100; i++) if (draw('s', 0.01)) counts[i]!++;
    }
    const chiSquared = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    // 99 degrees of freedom: the quantile of 0.999 is 148.2.
    assert.ok(chiSquared < 148.2, `χ² ${chiSquared}`);
  });

  it('refuses a rate that is none', () => {
    const draw = createAuditDraw(uniform(4));
    for (const rate of [-0.1, 1.1, NaN]) assert.throws(() => draw('s', rate), RangeError);
  });

  it('begins a stratum anew that was not seen for many others, and still draws by its rate', () => {
    const random = uniform(5);
    const draw = createAuditDraw(random);
    let drawn = 0;
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 10_001; i++) draw(`other ${i}`, 0);
      for (let i = 0; i < 100; i++) if (draw('s', 0.5)) drawn++;
    }
    assert.ok(Math.abs(drawn - 1500) <= 30, `${drawn} of 1500`);
  });
});
