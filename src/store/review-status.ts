import type { Finding, Opinion } from './opinions.ts';
import type { PredictionRecord } from './prediction-record.ts';

export const REVIEW_STATES = ['pending', 'claimed', 'labelled', 'discarded', 'disputed'] as const;

export type ReviewState = (typeof REVIEW_STATES)[number];

/** The review side of a record; `null` where it is not in review. */
export interface ReviewStatus {
  /**
   * The item's: that of its first prediction where it is in review by reason; of an audit, one of the moment
   * when it entered the queue.
   */
  readonly id: string;
  /** When it entered the queue. */
  readonly createdMs: number;
  /** Order of review, highest first; finite. */
  readonly priority: number;
  readonly reasons: readonly string[];
  /** With which an audit was drawn; null for what is in review by reason, and for nothing else. */
  readonly inclusionProbability: number | null;
  readonly state: ReviewState;
  /** Who holds the item or gave the answer that decided it; null while it is pending. */
  readonly reviewer: string | null;
  /** End of the current lease; null unless `claimed`. */
  readonly leaseExpiresMs: number | null;
  /** Null unless `labelled`. */
  readonly label: string | null;
  /** What was found instead of a label; null unless `discarded`, and where the image is unusable. */
  readonly finding: Finding | null;
  /** When it became labelled, discarded or disputed. */
  readonly decidedMs: number | null;
  /** Of the answer that decided it. */
  readonly note: string | null;
  /** Who should do it first; null for anyone. */
  readonly assignedTo: string | null;
  /** Those that stand, oldest first. */
  readonly opinions: readonly Opinion[];
}

export interface StoredPrediction {
  readonly prediction: PredictionRecord;
  readonly review: ReviewStatus | null;
}

export interface StoredReview {
  /** The first that the item is about; its image is shown. */
  readonly prediction: PredictionRecord;
  readonly review: ReviewStatus;
}
