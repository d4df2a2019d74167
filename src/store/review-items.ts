import type { HistoryEvent } from './history.ts';
import type { ReviewState, StoredReview } from './review-status.ts';

export interface ListFilter {
  readonly state?: ReviewState;
  /** The person's final label. */
  readonly label?: string;
  readonly reason?: string;
  readonly stream?: string;
  /**
   * Whose view of items `state` and `label` go by (see seen-by.ts); as they are where absent. The items come
   * as they are.
   */
  readonly seenBy?: string;
  /** Leaves audits out. */
  readonly withoutAudits?: true;
  readonly order: 'newest' | 'most_sensitive';
  /** Opaque, from a previous page. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface ReviewPage {
  readonly items: readonly StoredReview[];
  readonly nextCursor: string | null;
}

/** The items of the queue, as they stand now. */
export interface ReviewItems {
  /**
   * The items of one page.
   *
   * @throws StoreError `bad_cursor`
   */
  list(filter: ListFilter): Promise<ReviewPage>;
  /** The item of that id; null where there is none. */
  find(id: string): Promise<StoredReview | null>;
  /** What happened to an item, oldest first; null for one that is not in review. */
  history(id: string): Promise<readonly HistoryEvent[] | null>;
}
