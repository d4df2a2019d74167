/**
 * A rate of errors that a promised one is held against, as the factors by which one label changes the
 * likelihood ratio of the two.
 */
export interface Alternative {
  /** (1 − q) / (1 − p), of a label that finds the machine right. */
  readonly right: number;
  /** q / p, of one that finds it wrong. */
  readonly wrong: number;
}

/** Multiples of the promised rate that would break the promise. */
export const WORSE = [1.5, 2, 4] as const;

/** Multiples of it that would keep it. */
export const BETTER = [0.75, 0.5, 0.25, 0.05] as const;

/**
 * The rates q = g·p for each multiple g that is a rate below 1; halfway between p and 1 where none is.
 *
 * @param promised p, in (0, 1).
 * @throws RangeError if p is no such rate
 */
export function alternatives(promised: number, multiples: readonly number[]): readonly Alternative[] {
  if (!(promised > 0 && promised < 1)) throw new RangeError(`expected 0 < promised < 1, got ${promised}`);
  const rates = multiples.map((multiple) => multiple * promised).filter((rate) => rate < 1);
  return (rates.length > 0 ? rates : [(1 + promised) / 2]).map((rate) => ({
    right: (1 - rate) / (1 - promised),
    wrong: rate / promised,
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
