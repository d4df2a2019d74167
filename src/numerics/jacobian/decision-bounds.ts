import { type Evidence, posterior, type Posterior } from './posterior.ts';
import { type Prior, priorFor } from './prior.ts';
import { atLeast, type RestPrior, restPriorFor, withCaptured } from './remainder-prior.ts';

/** What calibration has learned of inputs, and how sure a decision must be. */
export interface Learned {
  /** Random directions taken in all after each look, ascending; a first look at 0 lets the prior decide alone. The last is the budget. */
  readonly looks: readonly number[];
  /** δ: the probability of ending on the wrong side of the threshold, spent over all looks together. */
  readonly error: number;
  /** Null to know nothing beforehand. */
  readonly prior: Prior | null;
  /** Of the rest after 1, 2, … steepest directions; null where none is taken. */
  readonly steepest: { readonly rest: readonly RestPrior[] } | null;
}

/** What the first 1, 2, … steepest directions v have told: Σ‖Jv‖² over them, and the spread of S(p) outside. */
export interface Round {
  readonly captured: number;
  readonly spread: number;
}

/** All that one input's passes have told, in the order in which they did. */
export interface Trail {
  /** ‖S(p)‖_F */
  readonly softmaxNorm: number;
  readonly rounds: readonly Round[];
  /** Σ‖Jv‖² over all random directions so far, look by look. */
  readonly looks: readonly Evidence[];
}

const NOTHING_SEEN: Evidence = { directions: 0, squares: 0 };

/**
 * What is known of ‖J‖ after these rounds and this look.
 *
 * First the prior speaks alone; then the captured part is measured and the rest has a prior of its own; then random directions speak of the
 * rest, by the χ² law alone where there is no prior.
 *
 * @param look Null before the first random direction.
 * @returns Null where nothing is known yet.
 */
export function knownAfter(
  learned: Learned,
  { softmaxNorm, rounds }: Pick<Trail, 'softmaxNorm' | 'rounds'>,
  look: Evidence | null,
): Posterior | null {
  const prior = learned.prior && priorFor(learned.prior, softmaxNorm);
  const last = rounds.at(-1);
  if (last === undefined) return prior || look ? posterior(prior, look ?? NOTHING_SEEN) : null;
  const { captured, spread } = last;
  const rest =
    prior && captured > 0
      ? restPriorFor(learned.steepest!.rest[rounds.length - 1]!, captured, spread)
      : prior;
  if (look) return withCaptured(captured, posterior(rest, look));
  return rest && captured > 0 ? withCaptured(captured, posterior(rest, NOTHING_SEEN)) : atLeast(captured);
}

/**
 * Bounds [a, b]: a threshold up to a is below ‖J‖, one from b on is not, each with at most the error that one look may spend.
 *
 * With a prior that knows inputs like this one δ holds at every look, as a posterior does under optional stopping; otherwise each look may
 * spend δ/looks.
 */
export function boundsOf(learned: Learned, softmaxNorm: number, known: Posterior): readonly [number, number] {
  const knowsPrior = learned.prior !== null && priorFor(learned.prior, softmaxNorm) !== null;
  const error = knowsPrior ? learned.error : learned.error / learned.looks.length;
  return known.interval(1 - 2 * error);
}

/**
 * The least threshold at which the input would have been decided to lie below it.
 *
 * At threshold t an input leaves at its first look with t ≥ b as below, or with t ≤ a as above. What is below at t is therefore below at
 * every higher threshold, and one number tells it for all of them: the score that a gate serves, whatever its threshold.
 *
 * @returns Infinity where the budget ends without it.
 */
export function decisionThreshold(learned: Learned, trail: Trail): number {
  let excluded = -Infinity;
  let least = Infinity;
  const see = (known: Posterior | null): void => {
    if (known === null || excluded >= least) return;
    const [a, b] = boundsOf(learned, trail.softmaxNorm, known);
    least = Math.min(least, b > excluded ? b : nextAbove(excluded));
    excluded = Math.max(excluded, a);
  };
  const { softmaxNorm, rounds, looks } = trail;
  if (learned.looks[0] === 0) see(knownAfter(learned, { softmaxNorm, rounds: [] }, null));
  for (let round = 1; round <= rounds.length; round++) {
    see(knownAfter(learned, { softmaxNorm, rounds: rounds.slice(0, round) }, null));
  }
  for (const look of looks) see(knownAfter(learned, trail, look));
  return least;
}

/** A float64 above `value` > 0, the next or the one after. */
function nextAbove(value: number): number {
  return value * (1 + 2 ** -52) + Number.MIN_VALUE;
}
