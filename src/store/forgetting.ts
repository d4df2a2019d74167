/** Which predictions are meant; all that is given must hold. */
export interface ForgetFilter {
  /** SHA-256 of the decoded pixels, hex. */
  readonly inputHash?: string;
  /** Who asked, by the id of the key or JWT. */
  readonly caller?: string;
  /** Made before then. */
  readonly beforeMs?: number;
}

/** An item of predictions that are to be deleted. */
export interface LeftItem {
  readonly id: string;
  /** Whether others have it too, which it then goes on with. */
  readonly stays: boolean;
}

/** A page of ids. */
export interface IdPage {
  readonly ids: readonly string[];
  /** Where to go on; null where there are no more. */
  readonly next: string | null;
}

/** Why records are deleted: somebody asked for these by name, or they are old. */
export type DeleteReason = { readonly act: 'forgotten'; readonly who: string } | { readonly act: 'aged' };

/**
 * Deleting records for good: a prediction, its image, answer and label, and where no other prediction has the
 * item, that too, with its opinions and skips. An item that others have too goes on with the image, which is
 * that of the others as well (prediction/same-key.ts), and is its caller's who asked for the next of them.
 *
 * **What stays** are the acts of the item's history: what was done, by whom and when, without what was said:
 * labels and notes are taken out. Of what was forgotten by name its id stays, as an act of the trail.
 *
 * **The export goes on.** A place that was given is never given again, so that a consumer's cursor stays
 * good. Labels that a consumer has are the consumer's.
 *
 * **A request that was recorded under a key** of which a prediction is forgotten is known until the key is
 * not known any more, by the key alone; what was sent is not.
 *
 * **Erasing.** Deleted rows are overwritten with zeros in SQLite's file. Its log still has them until it is
 * emptied, which is `erase`. PostgreSQL does neither (docs/data-protection.md).
 */
export interface Forgetting {
  /** Deletes those that are there, all in one transaction; returns which. */
  remove(ids: readonly string[], reason: DeleteReason): Promise<readonly string[]>;
  /**
   * The items of these, which is for whoever keeps images apart to know before they are deleted. From now on
   * no further prediction joins one.
   */
  leave(ids: readonly string[]): Promise<readonly LeftItem[]>;
  /** Which of all predictions are meant, in the order of their ids. */
  matching(filter: ForgetFilter, after: string | null, most: number): Promise<IdPage>;
  /** Automatic and decided ones that were made before then, oldest first. Nobody has to look at them. */
  oldRecords(createdBeforeMs: number, after: string | null, most: number): Promise<IdPage>;
  /** Whether a prediction of that id was forgotten. */
  wasForgotten(id: string): Promise<boolean>;
  /**
   * Empties the database's log; false while another process reads what is in it, and then the log is emptied
   * as soon as none does.
   *
   * @param whole Rewrites the whole file too, which takes as long as copying it, and holds up all that write.
   */
  erase(whole?: boolean): Promise<boolean>;
}
