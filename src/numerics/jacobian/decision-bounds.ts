import { type Evidence, posterior, type Posterior } from './posterior.ts';
import { type Prior, priorFor } from './prior.ts';
import { atLeast, type RemainderPrior, remainderPriorFor, withCaptured } from './remainder-prior.ts';

/**
 * When an input may leave: what calibration has learned of inputs like it, and how sure a decision must be.
 */
export interface StoppingRule {
  /**
   * Random directions taken in all after each look, ascending; a first look at 0 lets the prior decide alone.
   * The last is the budget.
   */
  readonly looks: readonly number[];
  /** δ: the probability of ending on the wrong side of the threshold, spent over all looks together. */
  readonly error: number;
  /** Null to know nothing beforehand. */
  readonly prior: Prior | null;
  /** The priors of the remainder after 1, 2, … steepest directions; null where none is taken. */
  readonly steepest: { readonly rest: readonly RemainderPrior[] } | null;
}

/** What the steepest directions of the first 1, 2, … rounds have told. */
export interface SteepestRound {
  /** Σ‖Jv‖² over them. */
  readonly captured: number;
  /** The remainder of ‖J‖² against the captured part, as S(p) alone lets expect (steepest.ts). */
  readonly expectedRatio: number;
}

/** All that one input's passes have shown, in the order in which they did. */
export interface Observations {
  /** ‖S(p)‖_F */
  readonly softmaxNorm: number;
  readonly rounds: readonly SteepestRound[];
  /** Σ‖Jv‖² over all random directions so far, look by look. */
  readonly looks: readonly Evidence[];
}

const NOTHING_SEEN: Evidence = { directions: 0, squares: 0 };

/**
 * The posterior of ‖J‖ after these rounds and this look.
 *
 * At first the prior stands alone. Then the captured part is measured, and the remainder has a prior of its
 * own. Then random directions tell of the remainder, by the χ² law alone where there is no prior.
 *
 * @param look Null before the first random direction.
 * @returns Null where nothing is known yet.
 */
export function posteriorAfter(
  rule: StoppingRule,
  { softmaxNorm, rounds }: Pick<Observations, 'softmaxNorm' | 'rounds'>,
  look: Evidence | null,
): Posterior | null {
  const prior = rule.prior && priorFor(rule.prior, softmaxNorm);
  const last = rounds.at(-1);
  if (last === undefined) return prior || look ? posterior(prior, look ?? NOTHING_SEEN) : null;
  const { captured, expectedRatio } = last;
  const remainder =
    prior && captured > 0
      ? remainderPriorFor(rule.steepest!.rest[rounds.length - 1]!, captured, expectedRatio)
      : prior;
  if (look) return withCaptured(captured, posterior(remainder, look));
  return remainder && captured > 0
    ? withCaptured(captured, posterior(remainder, NOTHING_SEEN))
    : atLeast(captured);
}

/**
 * Bounds [a, b]: a threshold up to a is below ‖J‖, one from b on is not, each with at most the error that one
 * look may spend.
 *
 * With a prior that knows inputs like this one δ holds at every look, as a posterior does under optional
 * stopping; otherwise each look may spend δ/looks.
 */
export function decisionBounds(
  rule: StoppingRule,
  softmaxNorm: number,
  known: Posterior,
): readonly [number, number] {
  const knowsPrior = rule.prior !== null && priorFor(rule.prior, softmaxNorm) !== null;
  const error = knowsPrior ? rule.error : rule.error / rule.looks.length;
  return known.interval(1 - 2 * error);
}

/**
 * The least threshold at which the input would have been decided to lie below it.
 *
 * At threshold t an input leaves at its first look with t ≥ b as below, or with t ≤ a as above. What is below
 * at t is therefore below at every higher threshold, and one number tells it for all of them: the score that
 * a gate serves, whatever its threshold.
 *
 * @returns Infinity where the budget ends without it.
 */
export function decisionThreshold(rule: StoppingRule, observed: Observations): number {
  const { softmaxNorm, rounds, looks } = observed;
  /** Thresholds up to this one have decided for `above` already. */
  let above = -Infinity;
  let threshold = Infinity;
  const update = (known: Posterior | null): void => {
    if (known === null || above >= threshold) return;
    const [a, b] = decisionBounds(rule, softmaxNorm, known);
    threshold = Math.min(threshold, b > above ? b : nextAbove(above));
    above = Math.max(above, a);
  };
  if (rule.looks[0] === 0) update(posteriorAfter(rule, { softmaxNorm, rounds: [] }, null));
  for (let round = 1; round <= rounds.length; round++) {
    update(posteriorAfter(rule, { softmaxNorm, rounds: rounds.slice(0, round) }, null));
  }
  for (const look of looks) update(posteriorAfter(rule, observed, look));
  return threshold;
}

/** A float64 above `value` > 0, the next or the one after. */
function nextAbove(value: number): number {
  return value * (1 + 2 ** -52) + Number.MIN_VALUE;
}
