import { type LabelCount, logMix } from './evidence.ts';

/** Halvings of [0, 1]: far below what any count can tell. */
const HALVINGS = 40;

/** Shares of the capital that are bet on a mean above m: 0.71 down to 2⁻¹⁸, each 1/√2 of the one before. */
const BETS_ABOVE = Array.from({ length: 36 }, (_, i) => 2 ** (-i / 2 - 0.5));

/** Those bet on one below: as many more near 1, since few labels without an error speak for a rate near 0. */
const BETS_BELOW = [...BETS_ABOVE.slice(0, 26), 0.6, 0.8, 0.88, 0.94, 0.97, 0.99];

/**
 * An interval that holds the error rate at all times at once with probability at least 1 − miss, so that it
 * may be looked at after every label.
 *
 * For each mean m two capitals are bet, that the mean is above and that it is below; m is out once the
 * average of the two is 1/miss. Each is spread evenly over fixed shares c of the capital, with
 * λ = c/m or −c/(1 − m): the diversified Kelly bettor of Waudby-Smith and Ramdas, hedged. So it depends on
 * counts alone, and each capital is monotone in m, which makes the set an interval.
 *
 * @param counts Weights as in `factorOf`: c/π of inputs that were drawn with probability π.
 * @param miss In (0, 1).
 * @returns [0, 1] of no labels.
 * @throws RangeError
 * @see Waudby-Smith & Ramdas (2024), J. R. Stat. Soc. B 86(1).
 */
export function confidenceSequence(counts: readonly LabelCount[], miss: number): readonly [number, number] {
  if (!(miss > 0 && miss < 1)) throw new RangeError(`expected 0 < miss < 1, got ${miss}`);
  for (const { right, wrong, weight } of counts) {
    if (!(right >= 0 && wrong >= 0 && weight > 0 && weight <= 1)) {
      throw new RangeError(
        `expected counts of at least 0 and a weight in (0, 1], got ${right}, ${wrong} and ${weight}`,
      );
    }
  }
  const labels = counts.filter(({ right, wrong }) => right + wrong > 0);
  // Half of the capital on either side.
  const limit = Math.log(2 / miss);
  const isBelow = (m: number): boolean => logCapital(labels, BETS_ABOVE, above(m)) >= limit;
  const isAbove = (m: number): boolean => logCapital(labels, BETS_BELOW, below(m)) >= limit;
  return [boundary(isBelow), 1 - boundary((m) => isAbove(1 - m))];
}

/** How much a right and a wrong label change the capital at mean m, for each unit bet. */
interface Payoff {
  readonly right: number;
  readonly wrong: number;
}

const above = (m: number): Payoff => ({ right: -1, wrong: (1 - m) / m });
const below = (m: number): Payoff => ({ right: m / (1 - m), wrong: -1 });

function logCapital(labels: readonly LabelCount[], bets: readonly number[], payoff: Payoff): number {
  return logMix(
    bets.map(() => ({ share: 1 / bets.length })),
    bets.map((bet) =>
      labels.reduce(
        (sum, { right, wrong, weight }) =>
          sum +
          right * Math.log1p(bet * weight * payoff.right) +
          wrong * Math.log1p(bet * weight * payoff.wrong),
        0,
      ),
    ),
  );
}

/** Where a property that holds from 0 on ends; 0 where it holds nowhere. */
function boundary(holds: (m: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
