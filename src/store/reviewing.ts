import type { Finding } from './opinions.ts';
import type { StoredReview } from './review-status.ts';

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
 *                                                                        until it is sealed
 * ```
 *
 * **Who is authoritative.** The database alone. No process remembers who holds what, so any of them may die
 * and several may serve one queue. There is one clock: in PostgreSQL the database server's; in SQLite that of
 * the machine on which all processes run that have the file open. Reviewers' clocks decide nothing.
 *
 * **A lease ends by being past its end.** Every query compares the end with the time now: live while now <
 * end, unless the end is further ahead than any lease is given for, which tells of a clock that ran ahead
 * (shared/live-leases.ts). There is no sweeper, because a sweeper is one more thing that can stop; and
 * whether an open item is pending or claimed is never stored, only what it follows from: the current token
 * and its end.
 *
 * **The token fences.** A claim writes a new random token over the old one. Renewing, putting back and
 * answering name a token and act only where it is still the current one and the caller's own, so a reviewer
 * who went to lunch can never overwrite the work of whoever took the item meanwhile, nor anybody act on what
 * another holds, whose token they may have seen: the answer is `lease_lost`. The lapse itself
 * takes nothing away. Until somebody claims the item, its last holder may still renew or label it, since
 * refusing would throw away work that nobody contests. A clock that jumps can end leases early or late, but
 * never make two labels.
 *
 * **An answer takes the token off and keeps it beside the opinion.** The same answer with the same token is
 * `done` again, so whoever lost the connection may repeat the call; the first call's note stands. Anything
 * else is `lease_lost`. A release or a skip takes the token off too, so that repeating one is `lease_lost`.
 *
 * **Opinions come in sequence.** An item is held by one person at a time, and nobody is offered an item again
 * on which their opinion stands. How many must agree is fixed when the item is recorded, by its reasons (see
 * opinions.ts). With one person, the rule where nothing is configured, the first answer is final. Whatever
 * changes the opinions of an item takes its token away in the same transaction, so that whoever holds the
 * current token has seen them all.
 *
 * **An audit is evidence once two people say the same.** Whose answer is the machine's label is believed,
 * like anybody in the queue. Who says otherwise, or that no label fits, has the audit asked of a second
 * person, who sees neither answer, and of a third where these differ (opinions.ts). Nothing of it shows to
 * who answers: the item goes back as it does under any overlap, to a place among what waits next, since at
 * its own it would come before all that the first person has left. A lead may settle it instead of a second
 * person.
 *
 * **A disputed item** waits for a lead, and is offered to nobody until it is reassigned. The next answer then
 * settles it.
 *
 * **Undo** takes an opinion back. It belongs to whoever gave it, who holds the item again with a fresh lease,
 * even where somebody else held it for a further opinion; a final item is open again. It is refused once the
 * label is sealed, since a consumer may have learnt from it. Where there is no label, because others are
 * still asked, or the image was found unusable, it is refused once the export has come past the moment of the
 * answer: to refuse it for the one item and not for the other would tell which are audits, where audits alone
 * need several people. For the same reason undo is not refused while somebody else holds the item.
 *
 * **Order.** Highest priority first; among equals the oldest first, then by id.
 *
 * **A claim is for one model.** What a label means is for the model to say that made the item, so a claim
 * names a model and takes its items alone. Items of other models stay in the queue, are listed and counted,
 * and wait until somebody claims for their model again. Whoever has the lease of one keeps it.
 *
 * **A skip is one reviewer's.** The item comes after all others for that reviewer, and stays where it was for
 * everyone else. Among skipped items the longest-ago skipped comes first. Whoever has skipped everything is
 * offered it again: the queue never says that nothing waits while something does. The skip outlives later
 * claims.
 *
 * **An assignment is a preference, not a lock.** `reassign` ends the item's lease. The item then comes before
 * all others for the person named, and after all others, skipped ones included, for everyone else: should
 * that person never come, it is still done. It ends when the person answers or skips.
 *
 * **Sealing is an act; reading is none.** `seal` numbers the final labels that have no number yet, in one
 * transaction at a time, and writes into the trail that it did. Reading gives numbered labels alone, in the
 * order of the numbers, and changes nothing. A number is visible only when all lower ones are, whatever
 * commits while it is read: a consumer that keeps the last cursor misses nothing and gets nothing twice. A
 * numbered label can no longer be undone. Numbering when labels are given would need every label to wait for
 * the one before it.
 *
 * **A final label has one way back**, undo, which ends with the seal. `reassign` is for items that are not
 * decided: it never touches a label, exported or not, so that a lead cannot take from under a consumer what
 * its author may not take back. Nothing that was exported is ever given again or otherwise. Who finds a
 * mistake in it sends the image once more: while model and gate are the same its decision is too, so it is in
 * review again, and its new label comes behind the old one with the same input hash.
 *
 * **Predictions of the same image share an item** while it is not decided (prediction/same-key.ts says which
 * are the same). Whoever records joins it behind a lock that no answer and no deletion comes past, so that
 * the label is of all predictions that were told the item. Of those who find none at once, one makes it. A
 * label is written, sealed and exported for each of them, and undone for all. What is decided is never
 * joined: who sends the image then asks anew.
 *
 * **A request key makes one recording of several attempts.** Key and records are written in one transaction,
 * so that a key is there exactly where all its records are. Of two attempts at once the database lets one
 * through, and tells the other what was recorded. A key is known for REQUEST_KEPT_MS, and a new one from then
 * on, whether or not it is deleted.
 */

export interface Claim extends StoredReview {
  /** Fencing token: whoever shows it while it is the item's current one may renew, put back or label. */
  readonly lease: string;
}

export interface ClaimRequest {
  readonly reviewer: string;
  /** The model whose items are wanted. */
  readonly modelDigest: string;
  readonly limit: number;
  /** LONGEST_LEASE_SECONDS at most. */
  readonly leaseMs: number;
  /** Leaves audits to others. */
  readonly withoutAudits?: true;
}

/** A lease and who shows it: it opens its item for its holder alone, whoever else may know the token. */
export interface Hold {
  readonly lease: string;
  readonly reviewer: string;
}

export interface HumanLabel {
  readonly label: string;
  /** Must be the lease's. */
  readonly reviewer: string;
  readonly note: string | null;
}

/** That an image has no label, and why. */
export interface HumanFinding extends Omit<HumanLabel, 'label'> {
  /** Absent where the image is unusable. */
  readonly finding?: Finding;
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

/** What a lead says of an item on which one person, or several, have said something. */
export interface Settlement {
  /** The lead. */
  readonly by: string;
  /** Null where there is a finding. */
  readonly label: string | null;
  readonly finding: Finding | null;
  readonly note: string | null;
}

/** Outcomes of acting on a lease. They are ordinary, so they are values. */
export type LeaseOutcome = 'done' | 'lease_lost' | 'unknown_item';

/** Why an opinion cannot be taken back. */
export type UndoRefusal = 'nothing_to_undo' | 'label_exported' | 'unknown_item';

/** `item_decided`: it is labelled or discarded; `already_answered`: by the very person it was to go to. */
export type ReassignOutcome = 'done' | 'item_decided' | 'already_answered' | 'unknown_item';

/** `nothing_to_settle`: nobody has said anything of it. */
export type SettleOutcome = ReassignOutcome | 'nothing_to_settle';

/** What people do with items. */
export interface Reviewing {
  /**
   * Leases the first `limit` waiting items of the model to the reviewer, in their order; `[]` when none
   * waits.
   */
  claim(request: ClaimRequest): Promise<readonly Claim[]>;
  /** Sets the lease's end to `leaseMs` from now. */
  renew(id: string, hold: Hold, leaseMs: number): Promise<LeaseOutcome>;
  /** Ends the lease unlabelled. `skip` also puts the item behind all others for this reviewer. */
  putBack(id: string, hold: Hold, how: 'release' | 'skip'): Promise<LeaseOutcome>;
  /** Gives an opinion. Repeating the same call with the same lease and label is `done` again. */
  label(id: string, lease: string, label: HumanLabel): Promise<LeaseOutcome>;
  /** Gives the opinion that the image has no label; otherwise as `label`. */
  discard(id: string, lease: string, opinion: HumanFinding): Promise<LeaseOutcome>;
  /** Takes the reviewer's opinion back and gives the item to them again. */
  undo(id: string, request: UndoRequest): Promise<Claim | UndoRefusal>;
  /** Takes an item that is not decided from whoever holds it. */
  reassign(id: string, reassignment: Reassignment): Promise<ReassignOutcome>;
  /** Decides an item that others have answered and that is not decided; whoever holds it loses the lease. */
  settle(id: string, settlement: Settlement): Promise<SettleOutcome>;
}
