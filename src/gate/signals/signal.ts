import type { CopyName } from '../../numerics/jacobian/copies.ts';
import type { MeasuredInput } from './measured-input.ts';
import type { RiskModel } from './risk-model.ts';

/**
 * What a signal needs beside the logits of the input itself: transformed copies of the input, a direction
 * along which it was probed, or a model that calibration has fitted.
 */
export type Need = 'transforms' | 'direction' | 'risk_model';

/** A number by which inputs can be ranked for review. */
export interface Signal {
  /** What it measures, and in which unit, in some words for people. */
  readonly meaning: string;
  /** The end of its scale at which an answer needs no person. */
  readonly safe: 'low' | 'high';
  /** A norm is never negative, and neither is a threshold on it. */
  readonly isNorm: boolean;
  /** A gate on the signal, and the calibration of one, have each of them measured or fitted. */
  readonly needs: readonly Need[];
  /**
   * Copies of the input over which it is a mean of the predicted class's probability. A gate measures them
   * only where that probability at the input itself leaves the decision open.
   */
  readonly copies?: readonly CopyName[];
  /**
   * The signal of one input.
   *
   * @param risk The fitted model; null where there is none.
   * @returns Null where the measurement lacks what it needs.
   */
  readonly of: (measured: MeasuredInput, risk: RiskModel | null) => number | null;
}
