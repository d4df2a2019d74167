import { largest } from '../extremes.ts';
import { alternatives, factorOf, type Mixture } from './alternatives.ts';

/**
 * Evidence against "the error rate was never above", or never below, the promised one: a bet whose mean is
 * at most 1 while that is true, so that it ever exceeds 1/α with probability at most α (Ville 1939).
 */
export interface EProcess {
  /** ln M of now. */
  readonly logValue: number;
  /** The largest ln M so far. */
  readonly logHighest: number;
  observe(isWrong: boolean, weight?: number): void;
  copy(): EProcess;
}

/**
 * The mixture M = Σ share_g·Π LR_g of likelihood ratios of multiples g of the promised rate, in the log
 * domain: any number of labels.
 *
 * @param promised In (0, 1).
 * @param mixture `WORSE` for evidence that it is exceeded, `BETTER` that it is kept.
 * @param logCap What ln of each ratio is kept at most: a cap only takes away, and makes M fall soon after
 *   labels turn.
 * @throws RangeError
 * @see Howard, Ramdas, McAuliffe, Sekhon (2021), Ann. Statist. 49(2)
 */
export function createEProcess(promised: number, mixture: Mixture, logCap = Infinity): EProcess {
  const ratios = alternatives(promised, mixture);
  const resume = (logs: number[], logHighest: number): EProcess => ({
    get logValue() {
      return logMix(ratios, logs);
    },
    get logHighest() {
      return logHighest;
    },
    observe: (isWrong, weight = 1) => {
      for (let i = 0; i < ratios.length; i++) {
        const log = logs[i]! + Math.log(factorOf(ratios[i]!, isWrong, weight));
        logs[i] = Math.min(log, logCap);
      }
      logHighest = Math.max(logHighest, logMix(ratios, logs));
    },
    copy: () => resume([...logs], logHighest),
  });
  return resume(
    ratios.map(() => 0),
    0,
  );
}

/** Alike labels: `right` and `wrong` of them, of one weight. */
export interface LabelCount {
  readonly right: number;
  readonly wrong: number;
  /** In (0, 1]. */
  readonly weight: number;
}

/** ln M after these labels. It does not depend on their order. */
export function logEvidence(promised: number, mixture: Mixture, counts: readonly LabelCount[]): number {
  const ratios = alternatives(promised, mixture);
  return logMix(
    ratios,
    ratios.map((ratio) =>
      counts.reduce(
        (sum, { right, wrong, weight }) =>
          sum +
          right * Math.log(factorOf(ratio, false, weight)) +
          wrong * Math.log(factorOf(ratio, true, weight)),
        0,
      ),
    ),
  );
}

/** ln of the mean of exp(x) by shares, without leaving what a double holds. */
export function logMix(shares: readonly { readonly share: number }[], logs: readonly number[]): number {
  const most = largest(logs);
  if (most === -Infinity) return -Infinity;
  return most + Math.log(shares.reduce((sum, { share }, i) => sum + share * Math.exp(logs[i]! - most), 0));
}
