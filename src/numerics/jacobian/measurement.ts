import type { SteepestRound } from './decision-bounds.ts';
import type { Evidence } from './posterior.ts';

/** On which side of the threshold a norm lies; `undecided` where the budget ended first. */
export type Verdict = 'below' | 'above' | 'undecided';

/** What one input's probes tell. Norms are per unit of pixel intensity, pixels in [0, 1]. */
export interface Measurement {
  /** z(x), the classifier's answer to the input itself, C numbers. */
  readonly logits: Float32Array;
  /** softmax of the logits, C numbers. */
  readonly probabilities: Float64Array;
  readonly predicted: number;
  /** ‖∂p/∂x‖_F: the posterior median, or the exact value. */
  readonly sensitivity: number;
  /**
   * Interval for the sensitivity that misses it with probability at most `1 − confidence`; null for exact.
   */
  readonly interval: readonly [number, number] | null;
  /** 1 for exact. */
  readonly confidence: number;
  /** ‖∂ log p_ŷ/∂x‖; null where the answer was certain without a probe. */
  readonly logSensitivity: number | null;
  /** ‖∂z/∂x‖_F of the centred logits. Reported, never a gate: it does not tell right from wrong answers. */
  readonly logitSensitivity: number | null;
  /** Null where no threshold was given. */
  readonly verdict: Verdict | null;
  readonly method: 'estimate' | 'exact';
  /**
   * Differences taken: along steepest and random directions, or D for exact. 0 where ‖S(p)‖ and the prior
   * were enough.
   */
  readonly probes: number;
  /** Passes through the network, the base pass included; a gradient is two, one forward and one backward. */
  readonly passes: number;
  /** What steepest directions have told, and random ones; empty where none was taken. */
  readonly rounds: readonly SteepestRound[];
  readonly looks: readonly Evidence[];
  /** ‖z(x+h)+z(x−h)−2z(x)‖ / ‖z(x+h)−z(x−h)‖ over all coordinates; exact only. */
  readonly asymmetry: number | null;
}
