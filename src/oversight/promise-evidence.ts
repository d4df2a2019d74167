import { BETTER, WORSE } from '../numerics/sequential/alternatives.ts';
import { type ChangeTest, createChangeTest, provesChange } from '../numerics/sequential/change-test.ts';
import { confidenceSequence } from '../numerics/sequential/confidence-sequence.ts';
import { createEProcess, type EProcess, type LabelCount } from '../numerics/sequential/evidence.ts';
import type { AuditState } from './audit-estimate.ts';
import { PROOF_LIMIT } from './proof-limit.ts';

/** One audited label, as a test takes it. */
export interface TestedLabel {
  readonly agrees: boolean;
  /** When it became final. */
  readonly decidedMs: number;
  /** In (0, 1]; see `factorOf`. */
  readonly weight: number;
  /** Bet on a break before it; see `createDailyBets`. */
  readonly bet: number;
}

/** What all audits since the test began tell of the promise. It may be looked at after every label. */
export interface PromiseEvidence {
  readonly state: AuditState;
  readonly labels: number;
  readonly errors: number;
  /** Of a break, as a share of what proves it. */
  readonly evidence: number;
  /**
   * Of a break at any time since the test began: where the promise is kept it ever reaches 1/α with
   * probability at most α. The largest so far.
   */
  readonly eValue: number;
  /** Holds the mean error rate since the test began, at all times at once. */
  readonly interval: readonly [number, number];
  /** How many errors more it would take until it holds no longer; 0 where it does not. */
  readonly spareErrors: number;
  /** When the label became final that proved a break; null where none has. */
  readonly brokenMs: number | null;
}

export interface EvidenceTest {
  observe(label: TestedLabel): void;
  summary(): PromiseEvidence;
  copy(): EvidenceTest;
}

/** A number that JSON has, however sure the evidence is. */
const LARGEST_LOG = 600;

/**
 * The sequential tests of one promise over one sequence of labels.
 *
 * `broken` once the change test has reached PROOF_LIMIT, and from then on; `holding` while the evidence that
 * the error rate is below the promised one is 1/(1 − confidence), which labels that turn take away again.
 */
export function createEvidenceTest(promised: number, confidence: number): EvidenceTest {
  const needed = -Math.log(1 - confidence);
  const resume = (
    change: ChangeTest,
    worse: EProcess,
    better: EProcess,
    counts: Map<number, LabelCount>,
    broken: number | null,
  ): EvidenceTest => {
    let brokenMs = broken;
    return {
      observe: ({ agrees, decidedMs, weight, bet }) => {
        change.observe(!agrees, weight, bet);
        worse.observe(!agrees, weight);
        better.observe(!agrees, weight);
        const { right, wrong } = counts.get(weight) ?? { right: 0, wrong: 0 };
        counts.set(weight, { right: right + (agrees ? 1 : 0), wrong: wrong + (agrees ? 0 : 1), weight });
        if (provesChange(change.state, PROOF_LIMIT)) brokenMs ??= decidedMs;
      },
      summary: () => {
        const { labels, errors, statistic } = change.state;
        const spareErrors = errorsUntil(better, needed);
        return {
          state: brokenMs !== null ? 'broken' : spareErrors > 0 ? 'holding' : 'too_few_labels',
          labels,
          errors,
          evidence: statistic / PROOF_LIMIT,
          eValue: Math.exp(Math.min(worse.logHighest, LARGEST_LOG)),
          interval: confidenceSequence([...counts.values()], 1 - confidence),
          spareErrors,
          brokenMs,
        };
      },
      copy: () => resume(change.copy(), worse.copy(), better.copy(), new Map(counts), brokenMs),
    };
  };
  return resume(
    createChangeTest(promised),
    createEProcess(promised, WORSE),
    createEProcess(promised, BETTER, 2 * needed),
    new Map(),
    null,
  );
}

/** How many errors in a row bring the evidence below what is needed; 0 where it is below. */
function errorsUntil(evidence: EProcess, needed: number): number {
  const copy = evidence.copy();
  let errors = 0;
  for (; copy.logValue >= needed; errors++) copy.observe(true);
  return errors;
}
