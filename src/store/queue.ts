import type { AuditOutcomes, AuditWindow } from './audit-outcomes.ts';
import type { DayCounts, DayRange } from './day-counts.ts';
import type { ServiceChange, ServiceEvent, TrailPage, TrailQuery } from './audit-trail.ts';
import type { ExportedLabel, ExportRequest } from './exported-label.ts';
import type { HistoryEvent } from './history.ts';
import type { Opinion } from './opinions.ts';
import type { RecentDecision, RecentRange } from './recent-decisions.ts';
import type { KeyedRequest, RecordedRequest, RequestKey } from './recorded-request.ts';

/**
 * The review queue: its port, and the protocol that both of its adapters keep.
 *
 * An item is waited for, held, and answered, by one person after the other, until enough of them agree:
 *
 * ```
 *                      claim                 label, discard
 *  record -> pending --------> claimed --------------------+-- enough agree ------> labelled, discarded
 *             ^ ^ ^            | | ^ |                     |                                |
 *             | | +- release, -+ | +-+ renew               +-- all asked, none agree -> disputed
 *             | |    skip        |                         |                            |   |
 *             | +-- lease ends --+                         |                            |   |
 *             |    (nothing is written)                    |                            |   |
 *             +--------------------------------------------+ one more opinion is needed |   |
 *             +--------------------------------------------------- reassign ------------+   |
 *                      claimed <------------------------------- undo, by who answered ------+
 *                                                                        until it is exported
 * ```
 *
 * **Who is authoritative.** The database alone. No process remembers who holds what, so any of them may die and
 * several may serve one queue. There is one clock: in PostgreSQL the database server's; in SQLite that of the
 * machine on which all processes run that have the file open. Reviewers' clocks decide nothing.
 *
 * **A lease ends by being past its end.** Every query compares the end with the time now: live while now < end.
 * There is no sweeper, because a sweeper is one more thing that can stop; and whether an open item is pending or claimed
 * is never stored, only what it follows from: the current token and its end.
 *
 * **The token fences.** A claim writes a new random token over the old one. Renewing, putting back and answering
 * name a token and act only where it is still the current one, so a reviewer who went to lunch can never
 * overwrite the work of whoever took the item meanwhile: the answer is `lease_lost`. The lapse itself takes nothing
 * away. Until somebody claims the item, its last holder may still renew or label it, since refusing would throw
 * away work that nobody contests. A clock that jumps can end leases early or late, but never make two labels.
 *
 * **An answer takes the token off and keeps it beside the opinion.** The same answer with the same token is `done`
 * again, so whoever lost the connection may repeat the call; the first call's note stands. Anything else is
 * `lease_lost`. A release or a skip takes the token off too, so that repeating one is `lease_lost`.
 *
 * **Opinions come in sequence.** An item is held by one person at a time, and nobody is offered an item again on which
 * their opinion stands. How many must agree is fixed when the item is recorded, by its reasons (see opinions.ts). With
 * one person, the rule where nothing is configured, the first answer is final. Whatever changes the opinions of an
 * item takes its token away in the same transaction, so that whoever holds the current token has seen them all.
 *
 * **A disputed item** waits for a lead, and is offered to nobody until it is reassigned. The next answer then settles it.
 *
 * **Undo** takes an opinion back. It belongs to whoever gave it, who holds the item again with a fresh lease; a final
 * item is open again. It is refused once the label is exported, since a consumer may have learnt from it, and while
 * somebody else holds the item for a further opinion.
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
 *
 * **An assignment is a preference, not a lock.** `reassign` ends the item's lease. The item then comes before all others
 * for the person named, and after all others, skipped ones included, for everyone else: should that person never come,
 * it is still done. It ends when the person answers or skips.
 *
 * **Export seals.** Reading final labels numbers those that have no number yet, in one transaction at a time, and then
 * gives them in the order of the numbers. A number is therefore visible only when all lower ones are, whatever commits
 * while it is read: a consumer that keeps the last cursor misses nothing and gets nothing twice. A numbered label can no
 * longer be undone. Numbering when labels are given would need every label to wait for the one before it.
 *
 * **A final label has one way back**, undo, which ends with the export. `reassign` is for items that are not decided: it never
 * touches a label, exported or not, so that a lead cannot take from under a consumer what its author may not take back.
 * Nothing that was exported is ever given again or otherwise. Who finds a mistake in it sends the image once more: while
 * model and gate are the same its decision is too, so it is in review again, and its new label comes behind the old one with the same input hash.
 *
 * **A request key makes one recording of several attempts.** Key and records are written in one transaction, so that a
 * key is there exactly where all its records are. Of two attempts at once the database lets one through, and tells the
 * other what was recorded. A key is known for REQUEST_KEPT_MS, and a new one from then on, whether or not it is deleted.
 */

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** One answered input, as it was decided. The queue stores it whole and reads only the named columns. */
export interface PredictionRecord {
  /** ULID; also the id of its review item, where it has one. */
  readonly id: string;
  readonly createdMs: number;
  /** SHA-256 of the decoded pixels, hex. */
  readonly inputHash: string;
  readonly modelDigest: string;
  readonly gateId: string | null;
  /** The gate's: `auto` where the machine's label stands. An audit leaves it `auto`, and a person looks all the same. */
  readonly decision: 'auto' | 'review';
  /** Why the input is in review; `audit` alone where the gate said `auto`. */
  readonly reasons: readonly string[];
  /** How probable it was that this input would enter review: 1 by reason, the audit's rate where the gate said `auto`. */
  readonly inclusionProbability: number;
  /** The label the classifier gives, whether or not it may be used; null where it could not be measured. */
  readonly predictedLabel: string | null;
  /** Order of review, highest first: the sensitivity, or `Number.MAX_VALUE` where there is none; finite. */
  readonly priority: number;
  /** The answer as it was served, opaque to the queue. */
  readonly answer: { readonly [key: string]: Json };
}

/** Whether a person looks at the input: the gate asks for one, or an audit does. */
export function isInReview({ decision, reasons }: PredictionRecord): boolean {
  return decision === 'review' || reasons.length > 0;
}

export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

export const REVIEW_STATES = ['pending', 'claimed', 'labelled', 'discarded', 'disputed'] as const;

export type ReviewState = (typeof REVIEW_STATES)[number];

/** The review side of a record; `null` where it is not in review. */
export interface ReviewStatus {
  readonly state: ReviewState;
  /** Who holds the item or gave the answer that decided it; null while it is pending. */
  readonly reviewer: string | null;
  /** End of the current lease; null unless `claimed`. */
  readonly leaseExpiresMs: number | null;
  /** Null unless `labelled`. */
  readonly label: string | null;
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
  /** Whose view of items `state` and `label` go by (see seen-by.ts); as they are where absent. The items come as they are. */
  readonly seenBy?: string;
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
  /** Must be the lease's. */
  readonly reviewer: string;
  readonly note: string | null;
}

export interface UndoRequest {
  /** Whose opinion it is. */
  readonly reviewer: string;
  readonly leaseMs: number;
}

export interface Reassignment {
  /** The lead. */
  readonly by: string;
  /** Null for whoever comes. */
  readonly to: string | null;
}

/** Outcomes of acting on a lease. They are ordinary, so they are values. */
export type LeaseOutcome = 'done' | 'lease_lost' | 'unknown_item';

/** Why an opinion cannot be taken back. */
export type UndoRefusal = 'nothing_to_undo' | 'label_exported' | 'item_held' | 'unknown_item';

/** `item_decided`: it is labelled or discarded; `already_answered`: by the very person it was to go to. */
export type ReassignOutcome = 'done' | 'item_decided' | 'already_answered' | 'unknown_item';

export interface QueueStatistics {
  readonly items: Readonly<Record<ReviewState, number>>;
  /** Creation time of the oldest item that is pending or claimed; null when there is none. */
  readonly oldestWaitingMs: number | null;
}

export interface ReviewerProgress {
  readonly reviewer: string;
  readonly labelled: number;
  readonly discarded: number;
}

/** A record and, where it is in review, its original image. */
export interface Recording {
  readonly prediction: PredictionRecord;
  readonly image: ImageFile | null;
}

/** What is stored of inputs. */
export interface Records {
  /**
   * Stores the record and, where it is in review, its item and original image, in one transaction.
   *
   * @throws ReviewQueueError `duplicate_id`; the first record stands.
   */
  record(prediction: PredictionRecord, image: ImageFile | null): Promise<void>;
  /**
   * Stores all of these and the request's key in one transaction; null when it did. Where the key is known it stores
   * nothing and returns what was recorded under it.
   *
   * @throws ReviewQueueError `duplicate_id`
   */
  recordOnce(request: KeyedRequest, recordings: readonly Recording[]): Promise<RecordedRequest | null>;
  /** What was recorded under a key; null where it is not known. */
  findRequest(key: RequestKey): Promise<RecordedRequest | null>;
  /** Deletes the keys that are not known any more; returns how many. */
  forgetRequests(): Promise<number>;
  find(id: string): Promise<StoredPrediction | null>;
  image(id: string): Promise<ImageFile | null>;
  /**
   * The items of one page, as they stand now.
   *
   * @throws ReviewQueueError `bad_cursor`
   */
  list(filter: ListFilter): Promise<ReviewPage>;
  /** Deletes the images of items that were labelled or discarded before then; returns how many. */
  deleteImages(decidedBeforeMs: number): Promise<number>;
}

/** What people do with items. */
export interface Reviewing {
  /** Leases the first `limit` waiting items of the model to the reviewer, in their order; `[]` when none waits. */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** Sets the lease's end to `leaseMs` from now. */
  renew(id: string, lease: string, leaseMs: number): Promise<LeaseOutcome>;
  /** Ends the lease unlabelled. `skip` also puts the item behind all others for this reviewer. */
  putBack(id: string, lease: string, how: 'release' | 'skip'): Promise<LeaseOutcome>;
  /** Gives an opinion. Repeating the same call with the same lease and label is `done` again. */
  label(id: string, lease: string, label: HumanLabel): Promise<LeaseOutcome>;
  /** Gives the opinion that the image is unusable; otherwise as `label`. */
  discard(id: string, lease: string, opinion: Omit<HumanLabel, 'label'>): Promise<LeaseOutcome>;
  /** Takes the reviewer's opinion back and gives the item to them again. */
  undo(id: string, request: UndoRequest): Promise<Claim | UndoRefusal>;
  /** Takes an item that is not decided from whoever holds it. */
  reassign(id: string, reassignment: Reassignment): Promise<ReassignOutcome>;
}

/** What is known of the work that was done. */
export interface Accounts {
  statistics(): Promise<QueueStatistics>;
  /** The opinions given since then that stand, by reviewer. */
  progress(sinceMs: number): Promise<readonly ReviewerProgress[]>;
  /** What happened to an item, oldest first; null for one that is not in review. */
  history(id: string): Promise<readonly HistoryEvent[] | null>;
  /**
   * Final labels in a total order that never changes, each once. Those that are given can no longer be undone.
   *
   * @throws ReviewQueueError `bad_cursor`
   */
  exportLabels(request: ExportRequest): AsyncIterable<ExportedLabel>;
  auditOutcomes(window: AuditWindow): Promise<AuditOutcomes>;
  /** One entry for each day of the range, oldest first. */
  dayCounts(range: DayRange): Promise<readonly DayCounts[]>;
  /** The latest decisions of a model, newest first. */
  recentDecisions(range: RecentRange): Promise<readonly RecentDecision[]>;
}

/** Who did what to whom: what people did with items, and what was done to the service as a whole. */
export interface Trail {
  /** Writes down what somebody did. */
  recordAct(event: ServiceEvent): Promise<void>;
  /** Writes down what the service runs with, where that is not what was written last; whether it was written. */
  recordChange(change: ServiceChange): Promise<boolean>;
  /**
   * One page, newest first.
   *
   * @throws ReviewQueueError `bad_cursor`
   */
  trail(query: TrailQuery): Promise<TrailPage>;
}

/**
 * Durable home of every prediction and of the items that people review.
 *
 * A promise that resolves means durable: what it reports survives kill -9 of this process.
 *
 * @throws ReviewQueueError `database_unavailable` from every method while the database server does not answer, or the
 * database's file cannot be written. What was asked for may or may not have been done, and may be asked for again.
 */
export interface ReviewQueue extends Records, Reviewing, Accounts, Trail {
  /** Finishes what is under way. Every later call is refused with a ReviewQueueError `queue_closed`. */
  close(): Promise<void>;
}
