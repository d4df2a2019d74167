import { clopperPearson } from '../numerics/clopper-pearson.ts';

/** Audited automatic labels that are alike. */
export interface AuditedLabels {
  readonly agrees: boolean;
  /** With which the input was drawn for the audit. */
  readonly inclusionProbability: number;
  readonly count: number;
}

/** How often automatic labels are wrong in service, as the audit tells. */
export interface AuditEstimate {
  /** `holding`: the whole interval keeps the promise; `broken`: none of it does; else more labels are needed to tell. */
  readonly state: 'holding' | 'broken' | 'too_few_labels';
  readonly labels: number;
  readonly errors: number;
  /** Null without a label. */
  readonly estimate: number | null;
  readonly interval: readonly [number, number];
  readonly confidence: number;
  /** What calibration promises; null where it promises nothing. */
  readonly promised: number | null;
}

/**
 * The selective risk from audited labels, each of which speaks for 1/probability inputs (Horvitz & Thompson 1952).
 *
 * With one probability the interval is Clopper and Pearson's. Where it was changed in the window each value is a stratum with an interval of its own;
 * together they miss with at most the sum of what each may.
 */
export function estimateFromAudit(
  outcomes: readonly AuditedLabels[],
  promised: number | null,
  confidence: number,
): AuditEstimate {
  const strata = [...Map.groupBy(outcomes, ({ inclusionProbability }) => inclusionProbability)].map(
    ([probability, rows]) => {
      const labels = rows.reduce((sum, { count }) => sum + count, 0);
      const errors = rows.reduce((sum, { agrees, count }) => sum + (agrees ? 0 : count), 0);
      return { labels, errors, inputs: labels / probability };
    },
  );
  const inputs = strata.reduce((sum, stratum) => sum + stratum.inputs, 0);
  const labels = strata.reduce((sum, stratum) => sum + stratum.labels, 0);
  const errors = strata.reduce((sum, stratum) => sum + stratum.errors, 0);
  let [estimate, lower, upper] = [0, 0, 0];
  for (const stratum of strata) {
    const weight = stratum.inputs / inputs;
    const [low, high] = clopperPearson(stratum.errors, stratum.labels, (1 - confidence) / strata.length);
    estimate += weight * (stratum.errors / stratum.labels);
    lower += weight * low;
    upper += weight * high;
  }
  const interval = labels === 0 ? ([0, 1] as const) : ([lower, upper] as const);
  return {
    state:
      promised === null || labels === 0
        ? 'too_few_labels'
        : interval[1] <= promised
          ? 'holding'
          : interval[0] > promised
            ? 'broken'
            : 'too_few_labels',
    labels,
    errors,
    estimate: labels === 0 ? null : estimate,
    interval,
    confidence,
    promised,
  };
}
