import { upperBound } from '../numerics/risk/clopper-pearson.ts';
import { reviewScore, type SignalName } from '../gate/signals/registry.ts';

/** A past decision. */
export interface PastDecision {
  readonly decision: 'auto' | 'review';
  /** Whether the person's final label is the machine's; null without one. */
  readonly agrees: boolean | null;
  readonly signals: Readonly<Record<string, number>>;
}

/** What a gate would have done to past inputs at another threshold. */
export interface WhatIf {
  readonly predictions: number;
  readonly automatic: number;
  readonly review_rate: number;
  /** Of the automatic ones, those with a person's final label, and where it is not the machine's. */
  readonly labelled: number;
  readonly errors: number;
  /**
   * Upper bound of the selective risk at this one threshold; null where labels are missing among what was
   * decided `auto` or among what was reviewed.
   */
  readonly bound: number | null;
}

/**
 * Looks back at another threshold.
 *
 * Labels come from two sources: audits of what was automatic, and reviews of what was not. Each has a bound
 * of its own with half of δ, and they are weighted by how many inputs each speaks for; labelled ones are
 * taken to be like the others of their source.
 *
 * @param delta Probability that the selective risk lies above.
 */
export function whatIf(
  decisions: readonly PastDecision[],
  gate: { readonly signal: SignalName; readonly confidence_floor: number | null },
  threshold: number,
  delta: number,
): WhatIf {
  const limit = reviewScore(gate.signal, threshold);
  const floor = gate.confidence_floor ?? -Infinity;
  const accepted = decisions.filter(({ signals }) => {
    const value = signals[gate.signal];
    return (
      value !== undefined && reviewScore(gate.signal, value) <= limit && (signals.confidence ?? NaN) >= floor
    );
  });
  const sources = [
    accepted.filter(({ decision }) => decision === 'auto'),
    accepted.filter(({ decision }) => decision === 'review'),
  ].filter(({ length }) => length > 0);
  const counts = sources.map((source) => {
    const labelled = source.filter(({ agrees }) => agrees !== null);
    const errors = labelled.filter(({ agrees }) => agrees === false).length;
    return { inputs: source.length, labelled: labelled.length, errors };
  });
  const bounded = counts.length > 0 && counts.every(({ labelled }) => labelled > 0);
  const bound = counts.reduce(
    (sum, { inputs, labelled, errors }) =>
      sum + (inputs / accepted.length) * upperBound(errors, labelled, delta / counts.length),
    0,
  );
  return {
    predictions: decisions.length,
    automatic: accepted.length,
    review_rate: decisions.length === 0 ? 0 : 1 - accepted.length / decisions.length,
    labelled: counts.reduce((sum, { labelled }) => sum + labelled, 0),
    errors: counts.reduce((sum, { errors }) => sum + errors, 0),
    bound: bounded ? bound : null,
  };
}
