import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { rankScore } from '../../src/gate/rule.ts';
import { reviewScore } from '../../src/gate/signals/registry.ts';
import type { Model } from '../../src/model/load.ts';
import { softmaxJacobianNorm } from '../../src/numerics/jacobian/softmax.ts';
import { createUniform } from '../../src/numerics/random.ts';
import {
  chooseRule,
  type Goal,
  proveRule,
  type ScoredImage,
} from '../../src/study/calibration/choose-rule.ts';
import { learnPlan } from '../../src/study/calibration/learn-plan.ts';
import { makeGate } from '../../src/study/calibration/make-gate.ts';
import { compareSignals } from '../../src/study/evaluation/compare-signals.ts';
import type { EvaluatedImage } from '../../src/study/evaluation/evaluated-image.ts';
import { gateOutcome } from '../../src/study/evaluation/gate-outcome.ts';
import { logHistogram } from '../../src/study/evaluation/log-histogram.ts';
import { reliability } from '../../src/study/evaluation/reliability.ts';
import { signalScores } from '../../src/study/evaluation/score-image.ts';
import { thresholdsAtCoverage, whatIf } from '../../src/study/evaluation/what-if.ts';
import { isWrong, type MeasuredImage } from '../../src/study/measuring/measured-image.ts';
import { twoClassMeasurement } from '../gate/two-class-measurement.ts';

/** More than twice the arguments that a call can take. */
const IMAGES = 300_000;

const goal: Goal = { method: 'fixed_sequence', risk: 0.02, confidence: 0.95 };
const model = { manifest: { name: 'two' }, digest: `sha256:${'2'.repeat(64)}` } as unknown as Model;

/**
 * Two classes, the first predicted with probability p and wrong in (1 − p)² of the images; ‖J‖ varies round
 * 3·‖S(p)‖.
 */
function measuredImages(seed: number): readonly MeasuredImage[] {
  const uniform = createUniform(Uint32Array.of(seed, 3, 3, 3));
  return Array.from({ length: IMAGES }, (_, i): MeasuredImage => {
    const p = 0.5 + 0.4999 * uniform();
    const norm = 3 * softmaxJacobianNorm(Float64Array.of(p, 1 - p)) * Math.exp(0.4 * (uniform() - 0.5));
    const captured = 0.9 * norm ** 2 * (1 - 0.1 * uniform());
    return {
      where: `${i}.png`,
      hash: `${seed}-${i}`,
      label: uniform() < (1 - p) ** 2 ? 1 : 0,
      damaged: false,
      estimate: {
        ...twoClassMeasurement(p, {
          sensitivity: norm,
          logSensitivity: 3 * Math.SQRT2 * (1 - p),
          rounds: [{ captured, expectedRatio: 3e-3 + 0.1 * (1 - p) }],
          looks: [{ directions: 2, squares: 2 * (norm ** 2 - captured) }],
        }),
        transforms: null,
        copies: null,
        statistics: null,
      },
    };
  });
}

describe('the arithmetic of calibrating and evaluating, on 300,000 images a half', () => {
  let fit: readonly MeasuredImage[];
  let proving: readonly MeasuredImage[];
  before(() => {
    fit = measuredImages(1);
    proving = measuredImages(2);
  });

  for (const signal of ['sensitivity', 'confidence'] as const) {
    it(`certifies a gate on the ${signal} and says what it was made of`, () => {
      const plan = learnPlan(fit.map(({ estimate }) => estimate));
      assert.ok(plan.prior && Math.abs(plan.prior.intercept - Math.log(3)) < 0.05);
      assert.equal(plan.steepest?.rest.length, 1);
      const scored = (images: readonly MeasuredImage[]): readonly ScoredImage[] =>
        images.map((image) => ({
          score: rankScore({ signal, plan, risk: null }, image.estimate),
          confidence: image.estimate.probabilities[0]!,
          wrong: isWrong(image),
          admitted: true,
        }));
      const fitScores = scored(fit);
      const certification = scored(proving);
      const rule = chooseRule(fitScores, IMAGES, signal === 'sensitivity', goal);
      const outcome = proveRule(fitScores, certification, rule, goal);
      assert.equal(outcome.outcome, 'certified');
      const gate = makeGate(outcome, {
        ...{
          ranking: { signal, plan, risk: null },
          limit: null,
          familiarity: null,
          floor: rule.floor,
          model,
          goal,
        },
        ...{ learning: fit, fit: fitScores, proving, certification },
        ...{ problems: [], data: 'simulated', created: '', tool: '' },
      })!;
      assert.equal(gate.calibration.fit.images, IMAGES);
      assert.equal(gate.calibration.sensitivity_quantiles.length, 101);
      // The mean of (1 − p)² where 1 − p is even up to u is u²/3: 2% at u = 0.245, half of what there is.
      assert.ok(Math.abs(gate.calibration.certification.accepted / IMAGES - 0.49) < 0.05);
    });
  }

  it('compares the signals of them, and tells what a gate and other thresholds do', () => {
    const images = fit.map(({ where, label, estimate }): EvaluatedImage => {
      const scores = signalScores(estimate, null);
      return { where, label, predicted: 0, scores, gate: { score: scores['confidence']!, eligible: true } };
    });
    const wrong = fit.map(isWrong);
    // The cost of resampling is as many times that of one: two are enough to see that it can be done.
    const uniform = createUniform(Uint32Array.of(9, 9, 9, 9));
    const compared = compareSignals(images, { resamples: 2, confidence: 0.9, uniform });
    assert.deepEqual(
      compared.map(({ signal }) => signal),
      [
        ...['sensitivity', 'log_sensitivity', 'confidence', 'margin', 'entropy'],
        ...['normalised_logit', 'logit_margin'],
      ],
    );
    const threshold = reviewScore('confidence', 0.75);
    assert.ok(Math.abs(gateOutcome(images, 2, threshold, 0.05).coverage - 0.5) < 0.01);
    const labelled = images.map((image, i) => ({ ...image.gate!, wrong: wrong[i]! }));
    const [half] = whatIf(labelled, thresholdsAtCoverage(labelled, [0.5]), {
      delta: 0.05,
      secondsPerLabel: 5,
    });
    assert.equal(half!.accepted, IMAGES / 2);
    const sensitivities = fit.map(({ estimate }) => estimate.sensitivity);
    assert.equal(logHistogram(sensitivities, wrong, 48)!.edges.length, 49);
    assert.equal(reliability(sensitivities, wrong, 12, 0.05).length, 12);
  });
});
