import { largest } from '../numerics/extremes.ts';
import { BETTER, type Mixture, WORSE } from '../numerics/sequential/alternatives.ts';
import { LEAST_ERRORS } from '../numerics/sequential/change-test.ts';
import { logEvidence } from '../numerics/sequential/evidence.ts';
import { clopperPearson } from '../numerics/risk/clopper-pearson.ts';
import { midPInterval } from '../numerics/risk/mid-p.ts';

/** Audited automatic labels that are alike. */
export interface AuditedLabels {
  readonly agrees: boolean;
  /** With which the input was drawn for the audit. */
  readonly inclusionProbability: number;
  readonly count: number;
}

/** Whether the promise is proven to be kept, proven to be broken, or more labels are needed to tell. */
export type AuditState = 'holding' | 'broken' | 'too_few_labels';

/** How often automatic labels are wrong in service, as the audit tells. */
export interface AuditEstimate {
  /** By these labels alone, at whatever time they are looked at; see `stateOf`. */
  readonly state: AuditState;
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
 * interval. Beside it is Clopper and Pearson's: where the probability was changed in the window each value is
 * a stratum with an interval of its own, and together they miss with at most the sum of what each may.
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
    state: stateOf(strata, promised, 1 - confidence),
    labels,
    errors: strata.reduce((sum, { errors }) => sum + errors, 0),
    estimate: labels === 0 ? null : wrong / inputs,
    interval: midPInterval(strata, 1 - confidence),
    exact_interval: [lower, upper],
    confidence,
    promised,
  };
}

interface Stratum {
  readonly trials: number;
  readonly errors: number;
  /** Inputs that each of them speaks for. */
  readonly weight: number;
}

/**
 * What e-processes say of labels in no order: each is a bet whose mean is at most 1 while the promise is just
 * kept, and proves with 1/α. They may be asked after every label. LEAST_ERRORS apply.
 */
function stateOf(strata: readonly Stratum[], promised: number | null, alpha: number): AuditState {
  if (promised === null || !isRate(promised) || strata.length === 0) return 'too_few_labels';
  const heaviest = largest(strata.map(({ weight }) => weight));
  const counts = strata.map(({ trials, errors, weight }) => ({
    right: trials - errors,
    wrong: errors,
    weight: weight / heaviest,
  }));
  const proves = (mixture: Mixture): boolean => logEvidence(promised, mixture, counts) >= -Math.log(alpha);
  const errors = strata.reduce((sum, one) => sum + one.errors, 0);
  if (errors >= LEAST_ERRORS && proves(WORSE)) return 'broken';
  return proves(BETTER) ? 'holding' : 'too_few_labels';
}

/** Nothing can break a promise of 1, and no labels keep one of 0. */
export function isRate(promised: number): boolean {
  return promised > 0 && promised < 1;
}
