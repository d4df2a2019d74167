import { clopperPearson } from '../numerics/risk/clopper-pearson.ts';
import { midPInterval } from '../numerics/risk/mid-p.ts';

/** Audited automatic labels that are alike. */
export interface AuditedLabels {
  readonly agrees: boolean;
  /** With which the input was drawn for the audit. */
  readonly inclusionProbability: number;
  readonly count: number;
}

/** How often automatic labels are wrong in service, as the audit tells. */
export interface AuditEstimate {
  /**
   * `holding`: all of `exact_interval` keeps the promise; `broken`: none of it does; else more labels are
   * needed to tell.
   */
  readonly state: 'holding' | 'broken' | 'too_few_labels';
  readonly labels: number;
  readonly errors: number;
  /** Null without a label. */
  readonly estimate: number | null;
  /** Holds the true risk as often as `confidence` says, on average over risks. */
  readonly interval: readonly [number, number];
  /** Holds it at least so often, whatever the risk is. */
  readonly exact_interval: readonly [number, number];
  readonly confidence: number;
  /** What calibration promises; null where it promises nothing. */
  readonly promised: number | null;
}

/**
 * The selective risk from audited labels, each of which speaks for 1/probability inputs (Horvitz & Thompson
 * 1952).
 *
 * Two intervals, for two uses (docs/decisions/0005-audit-intervals.md). What people are shown is the mid-p
 * interval. What the state is decided by is Clopper and Pearson's: where the probability was changed in the
 * window each value is a stratum with an interval of its own, and together they miss with at most the sum of
 * what each may.
 */
export function estimateFromAudit(
  outcomes: readonly AuditedLabels[],
  promised: number | null,
  confidence: number,
): AuditEstimate {
  const strata = [...Map.groupBy(outcomes, ({ inclusionProbability }) => inclusionProbability)]
    .map(([probability, rows]) => ({
      trials: rows.reduce((sum, { count }) => sum + count, 0),
      errors: rows.reduce((sum, { agrees, count }) => sum + (agrees ? 0 : count), 0),
      weight: 1 / probability,
    }))
    .filter(({ trials }) => trials > 0);
  const inputs = strata.reduce((sum, { trials, weight }) => sum + trials * weight, 0);
  const wrong = strata.reduce((sum, { errors, weight }) => sum + errors * weight, 0);
  const labels = strata.reduce((sum, { trials }) => sum + trials, 0);
  let [lower, upper] = labels === 0 ? [0, 1] : [0, 0];
  for (const { errors, trials, weight } of strata) {
    const share = (trials * weight) / inputs;
    const [low, high] = clopperPearson(errors, trials, (1 - confidence) / strata.length);
    lower += share * low;
    upper += share * high;
  }
  return {
    state:
      promised === null || labels === 0
        ? 'too_few_labels'
        : upper <= promised
          ? 'holding'
          : lower > promised
            ? 'broken'
            : 'too_few_labels',
    labels,
    errors: strata.reduce((sum, { errors }) => sum + errors, 0),
    estimate: labels === 0 ? null : wrong / inputs,
    interval: midPInterval(strata, 1 - confidence),
    exact_interval: [lower, upper],
    confidence,
    promised,
  };
}
