import { upperBound } from '../numerics/risk/clopper-pearson.ts';
import type { Gate } from '../gate/gate.ts';
import { type Part, type PartsKept, partsOfRule } from '../gate/parts-of-rule.ts';
import { stagedScore } from '../gate/rule.ts';
import { reviewScore } from '../gate/signals/registry.ts';

/** A past decision. */
export interface PastDecision {
  readonly decision: 'auto' | 'review';
  /** Whether the person's final label is the machine's; null without one. */
  readonly agrees: boolean | null;
  readonly signals: Readonly<Record<string, number>>;
  /** Larger is less familiar; null where it was not asked. */
  readonly familiarity: number | null;
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
  /** What each part of the gate's rule sends to people, and it alone; errors as people found them. */
  readonly parts: ReturnType<typeof partsOfRule>;
}

/** What of a gate decides on past inputs. */
export type PastRule = Pick<
  Gate,
  'signal' | 'confidence_floor' | 'sensitivity_limit' | 'familiarity' | 'measurement'
>;

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
  gate: PastRule,
  threshold: number,
  delta: number,
): WhatIf {
  const parts = partsIn(gate);
  const kept = decisions.map((past) => ({ past, kept: keptBy(gate, threshold, past) }));
  const accepted = kept.filter((one) => parts.every((part) => one.kept[part])).map(({ past }) => past);
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
    parts: partsOfRule(
      kept.map(({ past, kept: by }) => ({ kept: by, wrong: past.agrees === false })),
      parts,
    ),
  };
}

/** The parts of which the gate's rule consists. */
function partsIn({ sensitivity_limit: limit, confidence_floor: floor, familiarity }: PastRule): Part[] {
  return [
    'rank',
    ...(limit === null ? [] : (['sensitivity'] as const)),
    ...(floor === null ? [] : (['confidence'] as const)),
    ...(familiarity === null ? [] : (['familiarity'] as const)),
  ];
}

/**
 * Which parts would have let a past input through. Its sensitivity is the value that was answered, where the
 * gate itself goes by how sure that is.
 */
function keptBy(
  { signal, measurement, sensitivity_limit: limit, confidence_floor: floor, familiarity }: PastRule,
  threshold: number,
  { signals, familiarity: score }: PastDecision,
): PartsKept['kept'] {
  const rank =
    signal === 'sensitivity' ? (signals.sensitivity ?? NaN) : stagedScore(signal, measurement, signals);
  return {
    rank: rank <= reviewScore(signal, threshold),
    sensitivity: limit === null || (signals.sensitivity ?? NaN) <= limit,
    confidence: floor === null || (signals.confidence ?? NaN) >= floor,
    familiarity: familiarity === null || (score ?? NaN) <= familiarity.cut,
  };
}
