import type { Json } from './json.ts';

/** One answered input, as it was decided. The queue stores it whole and reads only the named columns. */
export interface PredictionRecord {
  /** ULID. */
  readonly id: string;
  /** Who asked, by the id of the key or JWT; empty in records of releases that did not write it. */
  readonly caller: string;
  /** The camera, site or client that the image comes from, as the caller named it; null where it did not. */
  readonly stream: string | null;
  readonly createdMs: number;
  /** SHA-256 of the decoded pixels, hex. */
  readonly inputHash: string;
  readonly modelDigest: string;
  readonly gateId: string | null;
  /** The gate's: `auto` where the machine's label stands, whether or not it is audited. */
  readonly decision: 'auto' | 'review';
  /** Why the input is in review; none where the gate said `auto`. */
  readonly reasons: readonly string[];
  /**
   * How probable it is that a person looks at this input: 1 by reason; where the gate said `auto`, the chance
   * with which it is drawn for an audit, 0 where its image is not kept.
   */
  readonly inclusionProbability: number;
  /** The label the classifier gives, whether or not it may be used; null where it could not be measured. */
  readonly predictedLabel: string | null;
  /** Order of review, highest first: the sensitivity, or `-Number.MAX_VALUE` where there is none; finite. */
  readonly priority: number;
  /** The answer as it was served, opaque to the queue. */
  readonly answer: { readonly [key: string]: Json };
}

/** Whether the gate asks for a person. */
export function isInReview({ decision }: PredictionRecord): boolean {
  return decision === 'review';
}
