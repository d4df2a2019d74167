/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One answered input, as it was decided. The queue stores it whole and reads only the named columns. */
export interface PredictionRecord {
  /** ULID; also the id of its review item when `decision` is `review`. */
  readonly id: string;
  readonly createdMs: number;
  /** SHA-256 of the decoded pixels, hex. */
  readonly inputHash: string;
  readonly modelDigest: string;
  readonly gateId: string | null;
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly string[];
  /** The label the classifier gives, whether or not it may be used; null where it could not be measured. */
  readonly predictedLabel: string | null;
  /** Order of review, highest first: the sensitivity, or `Number.MAX_VALUE` where there is none. */
  readonly priority: number;
  /** The answer as it was served, opaque to the queue. */
  readonly answer: { readonly [key: string]: Json };
}

export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export type ReviewState = 'pending' | 'claimed' | 'labelled';

/** The review side of a record; `null` for an `auto` one. */
export interface ReviewStatus {
  readonly state: ReviewState;
  readonly reviewer: string | null;
  /** End of the current lease; null unless `claimed`. */
  readonly leaseExpiresMs: number | null;
  readonly label: string | null;
  readonly labelledMs: number | null;
  readonly note: string | null;
}

export interface StoredPrediction {
  readonly prediction: PredictionRecord;
  readonly review: ReviewStatus | null;
}

export interface StoredReview {
  readonly prediction: PredictionRecord;
  readonly review: ReviewStatus;
}

export interface Claim extends StoredReview {
  /** Fencing token: whoever shows it while it is the item's current one may renew, put back or label. */
  readonly lease: string;
}

export interface ListFilter {
  readonly state?: ReviewState;
  /** The person's final label. */
  readonly label?: string;
  readonly reason?: string;
  readonly order: 'newest' | 'most_sensitive';
  /** Opaque, from a previous page. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface ReviewPage {
  readonly items: readonly StoredReview[];
  readonly nextCursor: string | null;
}

export interface HumanLabel {
  readonly label: string;
  readonly reviewer: string;
  readonly note: string | null;
}

/** Outcomes of acting on a lease. They are ordinary, so they are values. */
export type LeaseOutcome = 'done' | 'lease_lost' | 'unknown_item';

export interface QueueStatistics {
  readonly items: Readonly<Record<ReviewState, number>>;
  /** Creation time of the oldest item that is not labelled; null when there is none. */
  readonly oldestWaitingMs: number | null;
}

/**
 * Durable home of every prediction and of the items that people review.
 *
 * A promise that resolves means durable: what it reports survives kill -9 of this process.
 */
export interface ReviewQueue {
  /** Stores the record and, for `review`, its item and original image, in one transaction. */
  record(prediction: PredictionRecord, image: ImageFile | null): Promise<void>;
  find(id: string): Promise<StoredPrediction | null>;
  image(id: string): Promise<ImageFile | null>;
  list(filter: ListFilter): Promise<ReviewPage>;
  /** Leases up to `limit` waiting items to `reviewer`, those of highest priority first; `[]` when none waits. */
  claim(reviewer: string, limit: number, leaseMs: number): Promise<readonly Claim[]>;
  /** Sets the lease's end to `leaseMs` from now. */
  renew(id: string, lease: string, leaseMs: number): Promise<LeaseOutcome>;
  /** Ends the lease unlabelled. `skip` also puts the item behind all others for this reviewer. */
  putBack(id: string, lease: string, how: 'release' | 'skip'): Promise<LeaseOutcome>;
  /** Records the final label. Repeating the same call with the same lease and label is `done` again. */
  label(id: string, lease: string, label: HumanLabel): Promise<LeaseOutcome>;
  statistics(): Promise<QueueStatistics>;
  close(): Promise<void>;
}
