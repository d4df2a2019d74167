import type { Measurement, Verdict } from './measurement.ts';
import type { MeasurementSteps, Points } from './measurement-steps.ts';
import { NotMeasurableError, requireFinite } from './not-measurable-error.ts';
import type { Evidence, Posterior } from './posterior.ts';
import { decisionBounds, posteriorAfter, type StoppingRule, type SteepestRound } from './decision-bounds.ts';
import { basePoint, type Input } from './probes.ts';
import { uniformDirection } from './directions.ts';
import { createUniform, forkSeed } from '../random.ts';
import type { RemainderPrior } from './remainder-prior.ts';
import { argmax, directionalChange, softmax, softmaxJacobianNorm } from './softmax.ts';
import { byLogit, deflate, expectedRatios, orthonormalise, writeContrast } from './steepest.ts';

/** How an input is measured until it can be decided. */
export interface SequentialPlan extends StoppingRule {
  /**
   * `forward`: x + h·v against the base, one pass a direction. `central`: x + h·v against x − h·v, two
   * passes.
   */
  readonly difference: 'forward' | 'central';
  /**
   * h in pixel intensity, the RMS displacement per coordinate along a random direction. The whole
   * displacement is √D times as long, so that kinks, whose part a forward difference cannot tell from slope,
   * ask for a shorter one than rounding would (docs/decisions/0004).
   */
  readonly step: number;
  /** Of the interval that is reported, in (0, 1). */
  readonly confidence: number;
  /**
   * Steepest directions, one a round, come before the first random one; null for a classifier without
   * gradients.
   */
  readonly steepest: {
    /** The whole displacement along one, in pixel intensity. */
    readonly step: number;
    /** What calibration learned of the remainder after 1, 2, … rounds. */
    readonly rest: readonly RemainderPrior[];
  } | null;
}

/** One threshold, or the least and the largest of several. */
export type Thresholds = number | readonly [number, number];

/**
 * Measures ‖∂p/∂x‖_F as far as it takes to tell on which side of `threshold` it lies.
 *
 * At first the prior stands alone. Then come the steepest directions, one a round, each of which captures a
 * part of ‖J‖² and leaves a remainder. Then come random directions across them, more at each look
 * (decision-bounds.ts). After each the input leaves as soon as it is decided. Where the budget ends first the
 * verdict is `undecided`.
 *
 * @param threshold With two, the input leaves when it is decided for all between them. Null to take the whole
 * budget and give no verdict.
 * @param seed Of this input alone; direction j is the same whatever is measured beside it.
 * @throws NotMeasurableError
 */
export function* measureSequentially(
  input: Input,
  threshold: Thresholds | null,
  plan: SequentialPlan,
  seed: Uint32Array,
): MeasurementSteps<Measurement> {
  const base = yield basePoint(input);
  requireFinite(base);
  const probabilities = softmax(base);
  const state: State = {
    input,
    plan,
    thresholds: typeof threshold === 'number' ? [threshold, threshold] : threshold,
    base,
    probabilities,
    predicted: argmax(probabilities),
    softmaxNorm: softmaxJacobianNorm(probabilities),
    along: { probabilities: 0, logProbability: 0, logits: 0 },
    across: { probabilities: 0, logProbability: 0, logits: 0 },
    basis: [],
    rounds: [],
    looks: [],
    passes: 1,
    known: null,
    verdict: threshold === null ? null : 'undecided',
  };
  if (plan.looks[0] === 0) learn(state);
  if (isOpen(state)) yield* takeSteepest(state);
  if (isOpen(state)) yield* takeRandom(state, seed);
  return measurementOf(state);
}

/** One measurement on its way. */
interface State {
  readonly input: Input;
  readonly plan: SequentialPlan;
  readonly thresholds: readonly [number, number] | null;
  readonly base: Float32Array;
  readonly probabilities: Float64Array;
  readonly predicted: number;
  readonly softmaxNorm: number;
  /** Over steepest directions, and over random ones. */
  readonly along: Sums;
  readonly across: Sums;
  readonly basis: Float32Array[];
  readonly rounds: SteepestRound[];
  readonly looks: Evidence[];
  passes: number;
  known: Posterior | null;
  verdict: Verdict | null;
}

function isOpen({ verdict }: State): boolean {
  return verdict === null || verdict === 'undecided';
}

/** Takes in what the last pass has told. */
function learn(state: State): void {
  const { plan, softmaxNorm, looks, thresholds } = state;
  const known = posteriorAfter(plan, state, looks.at(-1) ?? null);
  if (known === null) return;
  state.known = known;
  if (thresholds === null) return;
  const [a, b] = decisionBounds(plan, softmaxNorm, known);
  // Written so that NaN stays undecided, which leads to review.
  state.verdict = thresholds[0] >= b ? 'below' : thresholds[1] <= a ? 'above' : 'undecided';
}

/** Rounds of one steepest direction each, until the input is decided. */
function* takeSteepest(state: State): MeasurementSteps<void> {
  const { input, plan, base, probabilities, along, basis } = state;
  if (plan.steepest === null) return;
  const order = byLogit(base);
  const { step, rest } = plan.steepest;
  const priors = rest.slice(0, base.length - 1);
  const ratios = expectedRatios(base, probabilities, priors.length);
  for (let round = 0; round < ratios.length && isOpen(state); round++) {
    const gradient = yield {
      ...basePoint(input),
      writeCotangent: (_row, target) => {
        writeContrast(base, order, round, target);
      },
    };
    state.passes += 2;
    requireFinite(gradient);
    const direction = byIntensity(gradient, input);
    if (!orthonormalise(direction, basis)) return;
    yield* difference(state, along, 0, 1, step, (_j, target) => {
      target.set(direction);
    });
    basis.push(direction);
    state.rounds.push({ captured: along.probabilities, expectedRatio: ratios[round]! });
    learn(state);
  }
}

/** A gradient by pixel intensity, where directions live. */
function byIntensity(gradient: Float32Array, { unitsPerIntensity }: Input): Float32Array {
  const direction = new Float32Array(gradient.length);
  for (let i = 0; i < direction.length; i++) direction[i] = gradient[i]! * unitsPerIntensity[i]!;
  return direction;
}

/**
 * Random directions across the steepest ones, look by look, until the input is decided or the budget spent.
 */
function* takeRandom(state: State, seed: Uint32Array): MeasurementSteps<void> {
  const { across, basis, looks } = state;
  for (const directions of state.plan.looks) {
    if (!isOpen(state)) return;
    if (directions === 0) continue;
    const before = looks.at(-1)?.directions ?? 0;
    yield* difference(state, across, before, directions, state.plan.step, (j, target) => {
      uniformDirection(target, createUniform(forkSeed(seed, j)));
      deflate(target, basis);
    });
    looks.push({ directions, squares: across.probabilities });
    learn(state);
  }
}

function measurementOf(state: State): Measurement {
  const { known, plan, base, probabilities, predicted, verdict, basis, rounds, looks, passes } = state;
  const directions = looks.at(-1)?.directions ?? 0;
  if (known === null) {
    throw new RangeError(`expected a look at one direction or more, got looks [${plan.looks.join(', ')}]`);
  }
  if (basis.length + directions > 0 && state.along.logits === 0 && state.across.logits === 0) {
    throw new NotMeasurableError(
      'no logit moved along any direction: the classifier is a step function of its input',
    );
  }
  return {
    logits: base,
    probabilities,
    predicted,
    sensitivity: known.median,
    interval: widened(known.interval(plan.confidence), basis.length + directions > 0),
    confidence: plan.confidence,
    // The first steepest direction is that of log p_ŷ itself, as near as the classifier's gradients are.
    logSensitivity: basis.length + directions > 0 ? rootOf(state, 'logProbability') : null,
    logitSensitivity: directions > 0 ? rootOf(state, 'logits') : null,
    verdict,
    method: 'estimate',
    probes: basis.length + directions,
    passes,
    rounds,
    looks,
    asymmetry: null,
  };
}

/** √ of what the steepest directions captured and what random ones tell of the remainder. */
function rootOf({ along, across, looks }: State, of: keyof Sums): number {
  const directions = looks.at(-1)?.directions ?? 0;
  return Math.sqrt(along[of] + (directions > 0 ? across[of] / directions : 0));
}

/**
 * Relative error of a norm taken by differences, by which its interval is widened: the classifier bends
 * within the step, and float32 logits are rounded. With it four exact values of 2,000 lie outside 99%
 * intervals (`node bench/run.ts stopping`, where every image has a probe); without it half did, since what
 * the steepest directions leave is often less than this.
 */
const DIFFERENCE_ERROR = 0.01;

function widened([low, high]: readonly [number, number], differenced: boolean): readonly [number, number] {
  return differenced ? [(1 - DIFFERENCE_ERROR) * low, (1 + DIFFERENCE_ERROR) * high] : [low, high];
}

/** Passes a direction. */
function sides({ difference }: SequentialPlan): 1 | 2 {
  return difference === 'central' ? 2 : 1;
}

/**
 * Points x + h·v_j, and x − h·v_j after each for central differences, for directions `from` ≤ j < `to`.
 * Directions are drawn as the rows are written.
 */
function pointsAlong(
  input: Input,
  from: number,
  to: number,
  step: number,
  perDirection: 1 | 2,
  draw: (j: number, target: Float32Array) => void,
): Points {
  const { values, unitsPerIntensity } = input;
  return {
    count: (to - from) * perDirection,
    write: (row, target) => {
      const signed = row % perDirection === 0 ? step : -step;
      draw(from + Math.floor(row / perDirection), target);
      for (let i = 0; i < target.length; i++)
        target[i] = values[i]! + signed * unitsPerIntensity[i]! * target[i]!;
    },
  };
}

interface Sums {
  probabilities: number;
  logProbability: number;
  logits: number;
}

/** Differences along directions `from` ≤ j < `to`, added to `sums`. */
function* difference(
  state: State,
  sums: Sums,
  from: number,
  to: number,
  step: number,
  draw: (j: number, target: Float32Array) => void,
): MeasurementSteps<void> {
  const points = pointsAlong(state.input, from, to, step, sides(state.plan), draw);
  const answers = yield points;
  requireFinite(answers);
  state.passes += points.count;
  addChanges(sums, state, step, answers);
}

/** Adds to `sums` what the differences at `answers` tell. */
function addChanges(
  sums: Sums,
  { base, plan, probabilities: p, predicted }: State,
  step: number,
  answers: Float32Array,
): void {
  const classes = p.length;
  const stride = classes * sides(plan);
  const span = step * sides(plan);
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
