import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptableErrors } from '../../src/numerics/risk/clopper-pearson.ts';
import { labelsNeeded, labelsNeededFor } from '../../src/numerics/risk/labels-needed.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { powerSource } from '../../support/simulated-images.ts';

describe('labelsNeededFor', () => {
  const target = { risk: 0.02, delta: 0.05 };

  it('is the zero-error minimum where all are accepted and none is ever wrong', () => {
    assert.equal(labelsNeededFor({ coverage: 1, risk: 0 }, { risk: 0.05, delta: 0.05 }), 59);
    assert.equal(labelsNeededFor({ coverage: 1, risk: 0 }, { risk: 0.01, delta: 0.05 }), 299);
    assert.equal(labelsNeededFor({ coverage: 1, risk: 0 }, { risk: 0.96, delta: 0.05 }), 1);
  });

  for (const selectivity of [
    { coverage: 1, risk: 0.01 },
    { coverage: 0.5, risk: 0.002 },
  ]) {
    it(`succeeds four times in five at a coverage of ${selectivity.coverage} and a risk of ${selectivity.risk}`, () => {
      const needed = labelsNeededFor(selectivity, target);
      const uniform = createUniform(Uint32Array.of(3, 1, 4, 1));
      const runs = 2000;
      let passed = 0;
      for (let run = 0; run < runs; run++) {
        let accepted = 0;
        let errors = 0;
        for (let i = 0; i < needed; i++) {
          if (uniform() >= selectivity.coverage) continue;
          accepted++;
          if (uniform() < selectivity.risk) errors++;
        }
        if (errors <= acceptableErrors(accepted, target)) passed++;
      }
      // Five slices stand for the number accepted, and a whole error is worth a few percent.
      assert.ok(Math.abs(passed / runs - 0.8) < 0.06, `${passed} of ${runs} with ${needed}`);
    });
  }

  it('grows without bound as the rate comes near the risk', () => {
    const [half, most, nearly] = [0.01, 0.015, 0.019].map((risk) =>
      labelsNeededFor({ coverage: 1, risk }, target),
    );
    assert.ok(most! > 3 * half! && nearly! > 15 * most!, `${half}, ${most}, ${nearly}`);
    assert.equal(labelsNeededFor({ coverage: 1, risk: 0.02 }, target), Infinity);
  });
});

describe('labelsNeeded', () => {
  const target = { risk: 0.05, delta: 0.05 };
  const images = (
    count: number,
    wrong: number,
    score: number,
  ): { score: number; eligible: boolean; wrong: boolean }[] =>
    Array.from({ length: count }, (_, i) => ({ score, eligible: true, wrong: i < wrong }));

  it('is what the threshold needs that needs fewest', () => {
    // Of 1,000 images 500 are accepted at 1 with one wrong, all at 2 with 101.
    const known = [...images(500, 1, 1), ...images(500, 100, 2)];
    assert.equal(labelsNeeded(known, target), labelsNeededFor({ coverage: 0.5, risk: 0.003 }, target));
  });

  it('counts images below the confidence floor, which must be labelled too', () => {
    const known = [
      ...images(500, 1, 1),
      ...images(500, 0, 1).map((image) => ({ ...image, eligible: false })),
    ];
    assert.equal(labelsNeeded(known, target), labelsNeededFor({ coverage: 0.5, risk: 0.003 }, target));
  });

  it('says the least there can be where fewer are known than could prove anything', () => {
    assert.equal(labelsNeeded(images(20, 1, 1), target), 59);
  });

  it('is not led to hope by the few lowest scores', () => {
    // Of a score that knows nothing the lowest ten are often all right.
    const known = powerSource(0.2, 0).draw(2000, createUniform(Uint32Array.of(2, 7, 1, 8)));
    assert.equal(labelsNeeded(known, target), Infinity);
  });
});
