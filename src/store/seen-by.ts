import type { ReviewStatus } from './review-status.ts';

/**
 * An item as one reviewer may see it: of an item that is not final, nothing of what others said.
 *
 * Whoever has answered sees their own answer as if it were final. Where audits alone need several people,
 * "pending" after an answer would tell which items are audits, and the answer could still be undone. To
 * everyone else a disputed item waits like any other: that others differed, and how, is for leads.
 *
 * A list that is filtered for a reviewer (`ListFilter.seenBy`) goes by these states and labels, and no
 * others.
 */
export function seenBy(viewer: string, review: ReviewStatus): ReviewStatus {
  if (review.state === 'labelled' || review.state === 'discarded') return review;
  const own = review.opinions.find(({ reviewer }) => reviewer === viewer);
  if (own !== undefined) {
    return {
      ...review,
      state: own.label === null ? 'discarded' : 'labelled',
      reviewer: own.reviewer,
      label: own.label,
      decidedMs: own.givenMs,
      note: own.note,
    };
  }
  if (review.state !== 'disputed') return review;
  return { ...review, state: 'pending', reviewer: null, decidedMs: null, note: null };
}
