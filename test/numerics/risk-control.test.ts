import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upperBound } from '../../src/numerics/risk/clopper-pearson.ts';
import { createUniform, type Uniform } from '../../src/numerics/random.ts';
import { certifyThreshold, controlRisk, coverageRiskBound } from '../../src/numerics/risk/risk-control.ts';
import type { LabelledImage } from '../../src/numerics/risk/selective-risk.ts';
import { powerSource } from '../../support/simulated-images.ts';

/** 59 accepted prove 5% at 5% without an error, 93 with one, 124 with two, 153 with three. */
const target = { risk: 0.05, delta: 0.05 };
const seeded = (seed: number): Uniform => createUniform(Uint32Array.of(seed, 8, 8, 8));

const images = (count: number, wrong: number, score: number): LabelledImage[] =>
  Array.from({ length: count }, (_, i) => ({ score, eligible: true, wrong: i < wrong }));

describe('certifyThreshold', () => {
  it('answers with the last threshold proven before the first that is not', () => {
    const certification = [...images(59, 0, 1), ...images(40, 1, 2), ...images(20, 3, 3)];
    assert.deepEqual(certifyThreshold(Float64Array.of(1, 2, 3), certification, target), {
      outcome: 'certified',
      threshold: 2,
      risk: 0.05,
      accepted: 99,
      errors: 1,
      images: 119,
      coverage: 99 / 119,
      tested: 3,
      pointwiseBound: upperBound(1, 99, 0.05),
    });
  });

  it('does not go on past a failure, though a later threshold would pass', () => {
    // One error among 60 proves nothing, one among 160 would.
    const certification = [...images(59, 0, 1), ...images(1, 1, 2), ...images(100, 0, 3)];
    assert.equal(certifyThreshold(Float64Array.of(1, 2, 3), certification, target)?.threshold, 1);
    assert.equal(certifyThreshold(Float64Array.of(1, 3), certification, target)?.threshold, 3);
  });

  it('certifies the last threshold where every test is passed', () => {
    const certified = certifyThreshold(Float64Array.of(1, 2), images(100, 0, 1), target);
    assert.deepEqual([certified?.threshold, certified?.tested], [2, 2]);
  });

  it('is null where the first test fails, as with one image too few', () => {
    assert.equal(certifyThreshold(Float64Array.of(1, 2), images(58, 0, 1), target), null);
    assert.equal(certifyThreshold(Float64Array.of(1), [], target), null);
  });

  it('counts only what the gate would accept', () => {
    const barred = images(500, 0, 1).map((image) => ({ ...image, eligible: false }));
    const certification = [...images(58, 0, 1), ...barred, ...images(9, 0, NaN)];
    assert.equal(certifyThreshold(Float64Array.of(1), certification, target), null);
    const certified = certifyThreshold(Float64Array.of(1), [...certification, ...images(1, 0, 1)], target);
    assert.deepEqual([certified?.accepted, certified?.images], [59, 568]);
  });

  it('refuses a target that is none, and no threshold', () => {
    assert.throws(() => certifyThreshold(Float64Array.of(1), [], { risk: 0, delta: 0.05 }), /0 < risk < 1/);
    assert.throws(() => certifyThreshold(new Float64Array(), [], target), /at least one threshold/);
  });
});

describe('controlRisk', () => {
  it('certifies most of what could be, of a good score with a thousand labels on either side', () => {
    // r(t) = 4.8% t^7.5 is 2% at 89% coverage.
    const source = powerSource(0.048, 7.5);
    const uniform = seeded(1);
    const runs = 40;
    let coverage = 0;
    for (let run = 0; run < runs; run++) {
      const control = controlRisk(source.draw(1000, uniform), source.draw(1000, uniform), {
        risk: 0.02,
        delta: 0.05,
      });
      if (control.outcome === 'certified') coverage += control.coverage / runs;
    }
    assert.ok(coverage > 0.78, `${coverage}`);
  });

  it('says how many labels it takes where there are too few', () => {
    const source = powerSource(0.048, 7.5);
    const uniform = seeded(2);
    const risk = 0.01;
    const control = controlRisk(source.draw(300, uniform), source.draw(200, uniform), { risk, delta: 0.05 });
    assert.ok(control.outcome === 'insufficient_labels');
    // At 75% coverage, where r(t) is 0.55%, two errors must be allowed for: 628 accepted.
    assert.ok(control.labelsNeeded > 400 && control.labelsNeeded < 2000, `${control.labelsNeeded}`);
    // Of 200 images 150 are accepted, with an error or four: 3% to 6%.
    assert.ok(control.proven.risk > risk && control.proven.risk < 0.07, `${control.proven.risk}`);
  });

  it('does certify four times in five with as many as it says', () => {
    const source = powerSource(0.048, 7.5);
    const uniform = seeded(3);
    const goal = { risk: 0.01, delta: 0.05 };
    const fit = source.draw(2000, uniform);
    const control = controlRisk(fit, source.draw(250, uniform), goal);
    assert.ok(control.outcome === 'insufficient_labels');
    const runs = 100;
    let certified = 0;
    for (let run = 0; run < runs; run++) {
      const again = controlRisk(fit, source.draw(control.labelsNeeded, uniform), goal);
      if (again.outcome === 'certified') certified++;
    }
    // It is about four in five: the number accepted is random, the rate estimated.
    assert.ok(certified >= 60, `${certified} of ${runs} with ${control.labelsNeeded}`);
  });

  it('asks for more labels than there were, even after bad luck', () => {
    const fit = images(5000, 5, 1);
    const control = controlRisk(fit, images(100, 4, 1), target);
    assert.ok(control.outcome === 'insufficient_labels');
    assert.equal(control.labelsNeeded, 101);
  });

  it('tells where the errors are too many at every threshold, and what can be had', () => {
    const source = powerSource(0.2, 0);
    const uniform = seeded(4);
    const control = controlRisk(source.draw(1000, uniform), source.draw(1000, uniform), target);
    assert.ok(control.outcome === 'no_certifiable_threshold');
    const { accepted, errors, risk } = control.proven;
    assert.equal(risk, upperBound(errors, accepted, 0.05));
    assert.ok(risk > 0.05);
  });

  it('refuses fit images of which none is eligible', () => {
    assert.throws(() => controlRisk([], images(100, 0, 1), target), RangeError);
  });
});

describe('coverageRiskBound', () => {
  it('is the exact bound of what the threshold accepts', () => {
    const certification = [...images(150, 1, 1), ...images(50, 2, 2), ...images(50, 25, 3)];
    assert.deepEqual(coverageRiskBound(certification, 2, 0.05), {
      threshold: 2,
      risk: upperBound(3, 200, 0.05),
      accepted: 200,
      errors: 3,
      images: 250,
      coverage: 0.8,
    });
  });

  it('promises nothing of a threshold that accepts nothing', () => {
    assert.equal(coverageRiskBound(images(10, 0, 1), 0, 0.05).risk, 1);
  });
});
