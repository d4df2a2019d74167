/**
 * The review queue: its port, and the protocol that both of its adapters keep.
 *
 * An item is waited for, held, and decided once:
 *
 * ```
 *                        claim                   label
 *   record ---> pending --------> claimed -----------------> labelled
 *                ^   ^            |  | ^ |                      ^
 *                |   +- release, -+  | +-+ renew                |
 *                |      skip         |                          |
 *                +--- lease ends ----+                          |
 *                |    (nothing is written)                      |
 *                +------------------------------ label ---------+
 *                     by the last holder, while nobody else has claimed the item
 * ```
 *
 * **Who is authoritative.** The database alone. No process remembers who holds what, so any of them may die and
 * several may serve one queue. There is one clock: in PostgreSQL the database server's; in SQLite that of the
 * machine on which all processes run that have the file open. Reviewers' clocks decide nothing.
 *
 * **A lease ends by being past its end.** Every query compares the end with the time now: live while now < end.
 * There is no sweeper, because a sweeper is one more thing that can stop; and the state is never stored, only
 * what it follows from: the current token, its end, the label.
 *
 * **The token fences.** A claim writes a new random token over the old one. Renewing, putting back and labelling
 * name a token and act only where it is still the current one, so a reviewer who went to lunch can never
 * overwrite the work of whoever took the item meanwhile: the answer is `lease_lost`. The lapse itself takes nothing
 * away. Until somebody claims the item, its last holder may still renew or label it, since refusing would throw
 * away work that nobody contests. A clock that jumps can end leases early or late, but never make two labels.
 *
 * **Labelled is final.** The same label with the same token is `done` again, so whoever lost the connection may
 * repeat the call; the first call's note stands. Anything else is `lease_lost`. A release or a skip takes the
 * token off, so that repeating one is `lease_lost` too.
 *
 * **Order.** Highest priority first; among equals the oldest first, then by id.
 *
 * **A claim is for one model.** What a label means is for the model to say that made the item, so a claim names a
 * model and takes its items alone. Items of other models stay in the queue, are listed and counted, and wait until
 * somebody claims for their model again. Whoever has the lease of one keeps it.
 *
 * **A skip is one reviewer's.** The item comes after all others for that reviewer, and stays where it was for
 * everyone else. Among skipped items the longest-ago skipped comes first. Whoever has skipped everything is offered
 * it again: the queue never says that nothing waits while something does. The skip outlives later claims.
 */

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
  /** Order of review, highest first: the sensitivity, or `Number.MAX_VALUE` where there is none; finite. */
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
  /** Who holds or labelled the item; null while it is pending. */
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

export interface ClaimRequest {
  readonly reviewer: string;
  /** The model whose items are wanted. */
  readonly modelDigest: string;
  readonly limit: number;
  readonly leaseMs: number;
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
  /**
   * Stores the record and, for `review`, its item and original image, in one transaction.
   *
   * @throws ReviewQueueError `duplicate_id`; the first record stands.
   */
  record(prediction: PredictionRecord, image: ImageFile | null): Promise<void>;
  find(id: string): Promise<StoredPrediction | null>;
  image(id: string): Promise<ImageFile | null>;
  /**
   * The items of one page, as they stand now.
   *
   * @throws ReviewQueueError `bad_cursor`
   */
  list(filter: ListFilter): Promise<ReviewPage>;
  /** Leases the first `limit` waiting items of the model to `reviewer`, in their order; `[]` when none waits. */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** Sets the lease's end to `leaseMs` from now. */
  renew(id: string, lease: string, leaseMs: number): Promise<LeaseOutcome>;
  /** Ends the lease unlabelled. `skip` also puts the item behind all others for this reviewer. */
  putBack(id: string, lease: string, how: 'release' | 'skip'): Promise<LeaseOutcome>;
  /** Records the final label. Repeating the same call with the same lease and label is `done` again. */
  label(id: string, lease: string, label: HumanLabel): Promise<LeaseOutcome>;
  statistics(): Promise<QueueStatistics>;
  /** Finishes what is under way. Every later call is refused with a ReviewQueueError `queue_closed`. */
  close(): Promise<void>;
}
