import type { Measurement, Verdict } from './measurement.ts';
import { type Measuring, NotMeasurableError, type Points, requireFinite } from './measuring.ts';
import { type Evidence, posterior, type Posterior } from './posterior.ts';
import { type Prior, priorFor } from './prior.ts';
import { basePoint, type Input } from './probes.ts';
import { uniformDirection } from './directions.ts';
import { createUniform, forkSeed } from './random.ts';
import { argmax, directionalChange, softmax, softmaxJacobianNorm } from './softmax.ts';

/** How an input is measured until it can be decided. */
export interface SequentialPlan {
  /** Directions taken in all after each look, ascending; a first look at 0 lets the prior decide alone. The last is the budget. */
  readonly looks: readonly number[];
  /** δ: the probability of ending on the wrong side of the threshold, spent over all looks together. */
  readonly error: number;
  /** `forward`: x + h·v against the base, one pass a direction. `central`: x + h·v against x − h·v, two passes. */
  readonly difference: 'forward' | 'central';
  /** h, RMS displacement per coordinate in pixel intensity. */
  readonly step: number;
  /** Of the interval that is reported, in (0, 1). */
  readonly confidence: number;
  /** What calibration learned; null to know nothing beforehand. */
  readonly prior: Prior | null;
}

/**
 * Measures ‖∂p/∂x‖_F as far as it takes to tell on which side of `threshold` it lies.
 *
 * After each look the input leaves as soon as the posterior puts all but δ on one side. With a prior that knows inputs like
 * this one δ holds at every look, as a posterior does under optional stopping; otherwise the χ² law alone speaks, from one
 * direction on, and each look may spend δ/looks. Where the budget ends first the verdict is `undecided`. Cost: the base pass and
 * one or two for each direction.
 *
 * @param threshold Null to take the whole budget and give no verdict.
 * @param seed Of this input alone; direction j is the same whatever is measured beside it.
 * @throws NotMeasurableError
 */
export function* measureSequentially(
  input: Input,
  threshold: number | null,
  plan: SequentialPlan,
  seed: Uint32Array,
): Measuring<Measurement> {
  const base = yield basePoint(input);
  requireFinite(base);
  const probabilities = softmax(base);
  const predicted = argmax(probabilities);
  const softmaxNorm = softmaxJacobianNorm(probabilities);
  const prior = plan.prior && priorFor(plan.prior, softmaxNorm);
  const error = prior ? plan.error : plan.error / plan.looks.length;

  const sums = { probabilities: 0, logProbability: 0, logits: 0 };
  let directions = 0;
  let known: Posterior | null = null;
  let verdict: Verdict | null = threshold === null ? null : 'undecided';
  for (const look of plan.looks) {
    if (look > directions) {
      const answers = yield pointsAlong(input, directions, look, plan, seed);
      requireFinite(answers);
      addChanges(sums, base, answers, plan, probabilities, predicted);
      directions = look;
    }
    if (directions === 0 && prior === null) continue;
    const evidence: Evidence = { directions, squares: sums.probabilities };
    known = posterior(prior, evidence);
    if (threshold === null) continue;
    verdict = verdictOf(known, threshold, error);
    if (verdict !== 'undecided') break;
  }
  if (directions > 0 && sums.logits === 0) {
    throw new NotMeasurableError(
      'no logit moved along any direction: the classifier is a step function of its input',
    );
  }
  if (known === null)
    throw new RangeError(`expected a look at one direction or more, got looks [${plan.looks.join(', ')}]`);
  return {
    probabilities,
    predicted,
    sensitivity: known.median,
    interval: known.interval(plan.confidence),
    confidence: plan.confidence,
    logSensitivity: directions > 0 ? Math.sqrt(sums.logProbability / directions) : null,
    logitSensitivity: directions > 0 ? Math.sqrt(sums.logits / directions) : null,
    verdict,
    method: 'estimate',
    probes: directions,
    passes: 1 + directions * sides(plan),
    asymmetry: null,
  };
}

function verdictOf(known: Posterior, threshold: number, error: number): Verdict {
  const below = known.probabilityBelow(threshold);
  if (below >= 1 - error) return 'below';
  // Written so that NaN stays undecided, which leads to review.
  return below <= error ? 'above' : 'undecided';
}

/** Passes a direction. */
function sides({ difference }: SequentialPlan): 1 | 2 {
  return difference === 'central' ? 2 : 1;
}

/**
 * Points x + h·v_j, and x − h·v_j after each for central differences, for directions `from` ≤ j < `to`. Directions are drawn as the
 * rows are written.
 */
function pointsAlong(
  input: Input,
  from: number,
  to: number,
  plan: SequentialPlan,
  seed: Uint32Array,
): Points {
  const { values, unitsPerIntensity } = input;
  const perDirection = sides(plan);
  return {
    count: (to - from) * perDirection,
    write: (row, target) => {
      const direction = from + Math.floor(row / perDirection);
      const step = row % perDirection === 0 ? plan.step : -plan.step;
      uniformDirection(target, createUniform(forkSeed(seed, direction)));
      for (let i = 0; i < target.length; i++)
        target[i] = values[i]! + step * unitsPerIntensity[i]! * target[i]!;
    },
  };
}

interface Sums {
  probabilities: number;
  logProbability: number;
  logits: number;
}

/** Adds to `sums` what the differences at `answers` tell. */
function addChanges(
  sums: Sums,
  base: Float32Array,
  answers: Float32Array,
  plan: SequentialPlan,
  p: Float64Array,
  predicted: number,
): void {
  const classes = p.length;
  const stride = classes * sides(plan);
  const span = plan.step * sides(plan);
  const dz = new Float64Array(classes);
  for (let at = 0; at < answers.length; at += stride) {
    for (let c = 0; c < classes; c++) {
      const other = plan.difference === 'central' ? answers[at + classes + c]! : base[c]!;
      dz[c] = (answers[at + c]! - other) / span;
    }
    const change = directionalChange(p, predicted, dz);
    sums.probabilities += change.probabilities;
    sums.logProbability += change.logProbability;
    sums.logits += change.logits;
  }
}
