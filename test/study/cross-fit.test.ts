import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Estimate } from '../../src/engine/job.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { crossFitRisk } from '../../src/study/calibration/cross-fit.ts';
import type { MeasuredImage } from '../../src/study/measuring/measured-image.ts';
import { twoClassMeasurement } from '../gate/two-class-measurement.ts';
import { largest, smallest } from '../../src/numerics/extremes.ts';

/** Two classes, the first predicted with probability p and wrong with probability 1 − p. */
function images(count: number, wrong: (p: number, i: number) => boolean): readonly MeasuredImage[] {
  const uniform = createUniform(Uint32Array.of(6, 6, 6, 6));
  return Array.from({ length: count }, (_, i) => {
    const p = 0.5 + uniform() / 2;
    const estimate: Estimate = {
      ...twoClassMeasurement(p, { sensitivity: 1 - p, logSensitivity: 1 / p }),
      transforms: { sensitivity: 1 - p, agreement: p, each: [], passes: 1 },
      copies: null,
      statistics: null,
    };
    return { where: `picture ${i}`, hash: `${i}`, label: wrong(p, i) ? 1 : 0, damaged: false, estimate };
  });
}

describe('crossFitRisk', () => {
  const uniform = createUniform(Uint32Array.of(7, 7, 7, 7));
  const chance = Array.from({ length: 60 }, () => uniform());
  const wrong = (p: number, i: number): boolean => chance[i]! > p;

  it('judges a picture by a model of exactly the pictures that are judged by other models', () => {
    const all = images(60, wrong);
    const crossFit = crossFitRisk(all)!;
    for (const model of new Set(all.map(({ where }) => crossFit(where)))) {
      const taught = all.filter(({ where }) => crossFit(where) !== model);
      const mean = taught.reduce((sum, { estimate }) => sum + estimate.probabilities[0]!, 0) / taught.length;
      assert.ok(Math.abs(model.means[model.features.indexOf('confidence')]! - mean) < 1e-12);
    }
  });

  it('gives every fold its share of wrong answers', () => {
    const all = images(60, wrong);
    const crossFit = crossFitRisk(all)!;
    const errors = Map.groupBy(
      all.filter(({ label }) => label === 1),
      ({ where }) => crossFit(where),
    );
    const counts = [...errors.values()].map((group) => group.length);
    assert.ok(counts.length === 5 && largest(counts) - smallest(counts) <= 1, counts.join(' '));
  });

  it('uses each picture in the models of the others: five models, each of four fifths', () => {
    const crossFit = crossFitRisk(images(60, wrong))!;
    const models = new Set(images(60, wrong).map(({ where }) => crossFit(where)));
    assert.equal(models.size, 5);
  });

  it('has none where a fold leaves no wrong label', () => {
    assert.equal(crossFitRisk(images(60, (_, i) => i === 3)), null);
    assert.equal(crossFitRisk(images(60, () => false)), null);
  });
});
