import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { lowerBound } from '../../src/numerics/risk/clopper-pearson.ts';
import { alternatives, BETTER, WORSE } from '../../src/numerics/sequential/alternatives.ts';
import { createEProcess, logEvidence } from '../../src/numerics/sequential/evidence.ts';

const PROMISED = 0.02;

describe('the e-process', () => {
  it('is the mean of likelihood ratios, whatever the order of labels', () => {
    const process = createEProcess(PROMISED, WORSE);
    for (const wrong of [true, false, true, false, false]) process.observe(wrong);
    const ratio = (q: number): number => (q / PROMISED) ** 2 * ((1 - q) / (1 - PROMISED)) ** 3;
    const mean = 0.2 * ratio(0.03) + 0.5 * ratio(0.04) + 0.24 * ratio(0.08) + 0.06 * ratio(0.2);
    assert.ok(Math.abs(Math.exp(process.logValue) / mean - 1) < 1e-12);
    const counted = logEvidence(PROMISED, WORSE, [{ right: 3, wrong: 2, weight: 1 }]);
    assert.ok(Math.abs(counted - process.logValue) < 1e-12);
  });

  for (const [name, mixture] of [
    ['exceeded', WORSE],
    ['kept', BETTER],
  ] as const) {
    it(`says ${name} at any time with at most α, where the promise is the very truth`, () => {
      const uniform = createUniform(Uint32Array.of(14, 6, mixture.length, name.length));
      const [runs, alpha] = [400, 0.05];
      let wrongly = 0;
      for (let run = 0; run < runs; run++) {
        const process = createEProcess(PROMISED, mixture, -2 * Math.log(alpha));
        for (let i = 0; i < 5000; i++) process.observe(uniform() < PROMISED);
        if (process.logHighest >= -Math.log(alpha)) wrongly++;
      }
      assert.ok(lowerBound(wrongly, runs, 1e-4) <= alpha, `${wrongly} of ${runs}`);
      assert.ok(wrongly > 0, 'of this many some come by chance');
    });
  }

  it('finds what is so', () => {
    const uniform = createUniform(Uint32Array.of(14, 6, 3, 2));
    const worse = createEProcess(PROMISED, WORSE);
    const better = createEProcess(PROMISED, BETTER);
    for (let i = 0; i < 3000; i++) {
      worse.observe(uniform() < 2 * PROMISED);
      better.observe(uniform() < PROMISED / 2);
    }
    assert.ok(worse.logValue > Math.log(20) && better.logValue > Math.log(20));
  });

  it('with a cap falls soon after labels turn', () => {
    const capped = createEProcess(PROMISED, BETTER, 2 * Math.log(20));
    const free = createEProcess(PROMISED, BETTER);
    for (let i = 0; i < 20_000; i++) for (const one of [capped, free]) one.observe(false);
    for (let i = 0; i < 10; i++) for (const one of [capped, free]) one.observe(true);
    assert.ok(capped.logValue < Math.log(20) && free.logValue > Math.log(20));
    assert.ok(capped.logHighest > Math.log(20), 'what was once shown stays shown');
  });

  it('stays a number after a million labels', () => {
    const process = createEProcess(0.001, WORSE);
    for (let i = 0; i < 1_000_000; i++) process.observe(i % 2 === 0);
    assert.ok(Number.isFinite(process.logValue) && process.logValue > 1e5);
  });

  it('asks for no rate above 1', () => {
    for (const promised of [0.3, 0.6, 0.9]) {
      const ratios = alternatives(promised, WORSE);
      for (const { right, wrong } of ratios) assert.ok(right > 0 && wrong > 1);
      const shares = ratios.reduce((sum, { share }) => sum + share, 0);
      assert.ok(Math.abs(shares - 1) < 1e-12);
    }
    assert.throws(() => alternatives(0, WORSE), RangeError);
    assert.throws(() => alternatives(1, WORSE), RangeError);
  });
});
