import type { Json } from './json.ts';

/** One answered input, as it was decided. The queue stores it whole and reads only the named columns. */
export interface PredictionRecord {
  /** ULID. */
  readonly id: string;
  /** Who asked, by the id of the key or JWT; empty in records of releases that did not write it. */
  readonly caller: string;
  readonly createdMs: number;
  /** SHA-256 of the decoded pixels, hex. */
  readonly inputHash: string;
  readonly modelDigest: string;
  readonly gateId: string | null;
  /**
   * The gate's: `auto` where the machine's label stands. An audit leaves it `auto`, and a person looks all
   * the same.
   */
  readonly decision: 'auto' | 'review';
  /** Why the input is in review; `audit` alone where the gate said `auto`. */
  readonly reasons: readonly string[];
  /**
   * How probable it was that this input would enter review: 1 by reason, the audit's rate where the gate said
   * `auto`.
   */
  readonly inclusionProbability: number;
  /** The label the classifier gives, whether or not it may be used; null where it could not be measured. */
  readonly predictedLabel: string | null;
  /** Order of review, highest first: the sensitivity, or `-Number.MAX_VALUE` where there is none; finite. */
  readonly priority: number;
  /** The answer as it was served, opaque to the queue. */
  readonly answer: { readonly [key: string]: Json };
}

/** Whether a person looks at the input: the gate asks for one, or an audit does. */
export function isInReview({ decision, reasons }: PredictionRecord): boolean {
  return decision === 'review' || reasons.length > 0;
}
