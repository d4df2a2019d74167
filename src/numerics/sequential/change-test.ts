import { type Alternative, alternatives, factorOf, WORSE } from './alternatives.ts';

/** What is known of a promised error rate after some labels, with the evidence that it is exceeded. */
export interface ChangeState {
  readonly labels: number;
  readonly errors: number;
  /** The mean of Shiryaev–Roberts statistics, one for each alternative, by their shares. */
  readonly statistic: number;
}

/** A sequential test that a promised error rate, once kept, is kept no longer. */
export interface ChangeTest {
  readonly state: ChangeState;
  /**
   * Takes one more label.
   *
   * @param weight Of the label, in (0, 1] (see `factorOf`).
   * @param restart How much may be bet on the error rate having risen just before this label, at least 0. It
   *   must not depend on this label or a later one.
   */
  observe(isWrong: boolean, weight?: number, restart?: number): void;
  copy(): ChangeTest;
}

/** Fewer errors than these prove nothing, whatever the statistic says. */
export const LEAST_ERRORS = 4;

/**
 * The Shiryaev–Roberts test against a mixture of alternatives.
 *
 * A_t = (A_{t−1} + w_t)·LR(x_t) for each alternative, and R_t their mean by shares. While the error rate is
 * at most the promised one, R_t − Σw is a supermartingale, so R ever reaches a limit A with probability at
 * most Σw / A, at whatever times it is looked at (Doob). With w = 1 that is one false alarm in A labels at
 * most.
 * A run of good labels brings R back to a level of its own instead of ever lower, so that a break after a
 * good year is found as soon as one after a good week.
 *
 * @param promised In (0, 1).
 * @throws RangeError
 * @see Shiryaev (1963), Theory Probab. Appl. 8; Roberts (1966), Technometrics 8; Shin, Ramdas, Rinaldo
 *   (2024), E-detectors, NEJSDS 2(2).
 */
export function createChangeTest(promised: number): ChangeTest {
  const ratios = alternatives(promised, WORSE);
  return resume(
    ratios,
    ratios.map(() => 0),
    { labels: 0, errors: 0 },
  );
}

function resume(
  ratios: readonly Alternative[],
  statistics: number[],
  { labels, errors }: Pick<ChangeState, 'labels' | 'errors'>,
): ChangeTest {
  return {
    get state() {
      const statistic = ratios.reduce((sum, { share }, i) => sum + share * statistics[i]!, 0);
      return { labels, errors, statistic };
    },
    observe: (isWrong, weight = 1, restart = 1) => {
      labels++;
      if (isWrong) errors++;
      for (let i = 0; i < ratios.length; i++) {
        const grown = (statistics[i]! + restart) * factorOf(ratios[i]!, isWrong, weight);
        // Far beyond every limit, and still a number after any count of errors.
        statistics[i] = Math.min(grown, LARGEST);
      }
    },
    copy: () => resume(ratios, [...statistics], { labels, errors }),
  };
}

const LARGEST = 1e300;

/** Whether the state proves that the promise is broken. */
export function provesChange({ errors, statistic }: ChangeState, limit: number): boolean {
  return errors >= LEAST_ERRORS && statistic >= limit;
}
