/**
 * A rate of errors that a promised one is held against, as the factors by which one label changes the
 * likelihood ratio of the two.
 */
export interface Alternative {
  /** (1 − q) / (1 − p), of a label that finds the machine right. */
  readonly right: number;
  /** q / p, of one that finds it wrong. */
  readonly wrong: number;
  /** Of the capital. */
  readonly share: number;
}

/** Rates that are bet on, as multiples of the promised one, and the share of the capital on each. */
export type Mixture = readonly { readonly multiple: number; readonly share: number }[];

/**
 * Rates that would break the promise. Most is on twice the promised rate, which takes longest to find of
 * those that matter; the little on ten times finds a gate that has gone blind by two errors in ten fewer.
 */
export const WORSE: Mixture = [
  { multiple: 1.5, share: 0.2 },
  { multiple: 2, share: 0.5 },
  { multiple: 4, share: 0.24 },
  { multiple: 10, share: 0.06 },
];

/** Rates that would keep it. */
export const BETTER: Mixture = [0.75, 0.5, 0.25, 0.05].map((multiple) => ({ multiple, share: 0.25 }));

/**
 * The rates q = g·p for each multiple g that is a rate below 1; halfway between p and 1 where none is.
 *
 * @param promised p, in (0, 1).
 * @returns Their shares sum to 1.
 * @throws RangeError if p is no such rate
 */
export function alternatives(promised: number, mixture: Mixture): readonly Alternative[] {
  if (!(promised > 0 && promised < 1)) throw new RangeError(`expected 0 < promised < 1, got ${promised}`);
  const rates = mixture
    .map(({ multiple, share }) => ({ rate: multiple * promised, share }))
    .filter(({ rate }) => rate < 1);
  const all = rates.reduce((sum, { share }) => sum + share, 0);
  return (rates.length > 0 ? rates : [{ rate: (1 + promised) / 2, share: 1 }]).map(({ rate, share }) => ({
    right: (1 - rate) / (1 - promised),
    wrong: rate / promised,
    share: rates.length > 0 ? share / all : 1,
  }));
}

/**
 * The factor of one label whose weight is `weight`.
 *
 * Labels that were drawn with unequal probabilities π have the weights c/π, with c at most every π that is
 * in force. The mean of w·(x − p) over drawn labels x is then c times that over all inputs, so this factor,
 * which is 1 + λ·w·(x − p) with the λ of the likelihood ratio, has a mean of at most 1 where the promise is
 * just kept, as the likelihood ratio has.
 *
 * @param weight In (0, 1]; with 1 the likelihood ratio itself.
 */
export function factorOf({ right, wrong }: Alternative, isWrong: boolean, weight: number): number {
  return 1 + weight * ((isWrong ? wrong : right) - 1);
}
