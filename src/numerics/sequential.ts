import type { Measurement, Verdict } from './measurement.ts';
import { type Measuring, NotMeasurableError, type Points, requireFinite } from './measuring.ts';
import { type Evidence, type LogNormal, posterior, type Posterior } from './posterior.ts';
import { type Prior, priorFor } from './prior.ts';
import { basePoint, type Input } from './probes.ts';
import { uniformDirection } from './directions.ts';
import { createUniform, forkSeed } from './random.ts';
import { atLeast, type RestPrior, restPriorFor, withCaptured } from './rest.ts';
import { argmax, directionalChange, softmax, softmaxJacobianNorm } from './softmax.ts';
import { byLogit, deflate, orthonormalise, spreads, writeContrast } from './steepest.ts';

/** How an input is measured until it can be decided. */
export interface SequentialPlan {
  /** Random directions taken in all after each look, ascending; a first look at 0 lets the prior decide alone. The last is the budget. */
  readonly looks: readonly number[];
  /** δ: the probability of ending on the wrong side of the threshold, spent over all looks together. */
  readonly error: number;
  /** `forward`: x + h·v against the base, one pass a direction. `central`: x + h·v against x − h·v, two passes. */
  readonly difference: 'forward' | 'central';
  /**
   * h in pixel intensity, the RMS displacement per coordinate along a random direction. The whole displacement is √D times as long, so that
   * kinks, whose part a forward difference cannot tell from slope, ask for a shorter one than rounding would (docs/decisions/0004).
   */
  readonly step: number;
  /** Of the interval that is reported, in (0, 1). */
  readonly confidence: number;
  /** What calibration learned; null to know nothing beforehand. */
  readonly prior: Prior | null;
  /** Steepest directions, one a round, come before the first random one; null for a classifier without gradients. */
  readonly steepest: {
    /** The whole displacement along one, in pixel intensity. */
    readonly step: number;
    /** What calibration learned of the rest after 1, 2, … rounds. */
    readonly rest: readonly RestPrior[];
  } | null;
}

/**
 * Measures ‖∂p/∂x‖_F as far as it takes to tell on which side of `threshold` it lies.
 *
 * After each look the input leaves as soon as the posterior puts all but δ on one side. First the prior speaks alone; then come the
 * steepest directions, one a round, each of which captures a part of ‖J‖² and leaves a rest; then random directions in what is
 * left, more at each look. With a prior that knows inputs like this one δ holds at every look, as a posterior does under optional stopping;
 * otherwise the χ² law alone speaks of the rest, from one random direction on, and each look may spend δ/looks. Where the budget ends first the verdict
 * is `undecided`.
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
  const prior = plan.prior && priorFor(plan.prior, softmaxJacobianNorm(probabilities));
  const state: State = {
    input,
    plan,
    threshold,
    base,
    probabilities,
    predicted: argmax(probabilities),
    error: prior ? plan.error : plan.error / plan.looks.length,
    prior,
    along: { probabilities: 0, logProbability: 0, logits: 0 },
    across: { probabilities: 0, logProbability: 0, logits: 0 },
    basis: [],
    rounds: [],
    directions: 0,
    passes: 1,
    known: null,
    verdict: threshold === null ? null : 'undecided',
  };
  if (plan.looks[0] === 0 && prior) learn(state, posterior(prior, NOTHING_SEEN));
  if (isOpen(state)) yield* takeSteepest(state);
  if (isOpen(state)) yield* takeRandom(state, seed);
  return measurementOf(state);
}

/** One measurement on its way. */
interface State {
  readonly input: Input;
  readonly plan: SequentialPlan;
  readonly threshold: number | null;
  readonly base: Float32Array;
  readonly probabilities: Float64Array;
  readonly predicted: number;
  /** δ of one look. */
  readonly error: number;
  /** Of ‖J‖, later of the rest; null where nothing is known. */
  prior: LogNormal | null;
  /** Over steepest directions, and over random ones. */
  readonly along: Sums;
  readonly across: Sums;
  readonly basis: Float32Array[];
  readonly rounds: { captured: number; spread: number }[];
  directions: number;
  passes: number;
  known: Posterior | null;
  verdict: Verdict | null;
}

function isOpen({ verdict }: State): boolean {
  return verdict === null || verdict === 'undecided';
}

function learn(state: State, known: Posterior): void {
  state.known = known;
  if (state.threshold !== null) state.verdict = verdictOf(known, state.threshold, state.error);
}

/** Rounds of one steepest direction each, until the input is decided. */
function* takeSteepest(state: State): Measuring<void> {
  const { input, plan, base, probabilities, along, basis } = state;
  if (plan.steepest === null) return;
  const order = byLogit(base);
  const { step, rest } = plan.steepest;
  const priors = rest.slice(0, base.length - 1);
  const spread = spreads(base, probabilities, priors.length);
  for (let round = 0; round < spread.length && isOpen(state); round++) {
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
    state.rounds.push({ captured: along.probabilities, spread: spread[round]! });
    if (state.prior && along.probabilities > 0) {
      state.prior = restPriorFor(priors[round]!, along.probabilities, spread[round]!);
      learn(state, withCaptured(along.probabilities, posterior(state.prior, NOTHING_SEEN)));
    } else {
      learn(state, atLeast(along.probabilities));
    }
  }
}

/** A gradient by pixel intensity, where directions live. */
function byIntensity(gradient: Float32Array, { unitsPerIntensity }: Input): Float32Array {
  const direction = new Float32Array(gradient.length);
  for (let i = 0; i < direction.length; i++) direction[i] = gradient[i]! * unitsPerIntensity[i]!;
  return direction;
}

/** Random directions across the steepest ones, look by look, until the input is decided or the budget spent. */
function* takeRandom(state: State, seed: Uint32Array): Measuring<void> {
  const { along, across, basis } = state;
  for (const look of state.plan.looks) {
    if (!isOpen(state)) return;
    if (look === 0) continue;
    yield* difference(state, across, state.directions, look, state.plan.step, (j, target) => {
      uniformDirection(target, createUniform(forkSeed(seed, j)));
      deflate(target, basis);
    });
    state.directions = look;
    const evidence: Evidence = { directions: look, squares: across.probabilities };
    learn(state, withCaptured(along.probabilities, posterior(state.prior, evidence)));
  }
}

function measurementOf(state: State): Measurement {
  const { known, plan, probabilities, predicted, verdict, basis, rounds, directions, passes } = state;
  if (known === null) {
    throw new RangeError(`expected a look at one direction or more, got looks [${plan.looks.join(', ')}]`);
  }
  if (basis.length + directions > 0 && state.along.logits === 0 && state.across.logits === 0) {
    throw new NotMeasurableError(
      'no logit moved along any direction: the classifier is a step function of its input',
    );
  }
  return {
    probabilities,
    predicted,
    sensitivity: known.median,
    interval: known.interval(plan.confidence),
    confidence: plan.confidence,
    // The first steepest direction is that of log p_ŷ itself.
    logSensitivity: basis.length + directions > 0 ? rootOf(state, 'logProbability') : null,
    logitSensitivity: directions > 0 ? rootOf(state, 'logits') : null,
    verdict,
    method: 'estimate',
    probes: basis.length + directions,
    passes,
    rounds,
    asymmetry: null,
  };
}

/** √ of what the steepest directions captured and what random ones tell of the rest. */
function rootOf({ along, across, directions }: State, of: keyof Sums): number {
  return Math.sqrt(along[of] + (directions > 0 ? across[of] / directions : 0));
}

const NOTHING_SEEN: Evidence = { directions: 0, squares: 0 };

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
): Measuring<void> {
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
