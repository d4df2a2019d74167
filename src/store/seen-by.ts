import type { ReviewStatus } from './review-status.ts';

/**
 * An item as one reviewer may see it: their own answer, what they hold, what others decided for good, and
 * otherwise that it waits.
 *
 * Whoever has answered sees their own answer, whatever becomes of the item. Where audits alone need several
 * people, "pending" after an answer would tell which items are audits, and so would the name or the label
 * of whoever answered last. To everyone else an item that is not final waits: that somebody holds it, that
 * one of several has answered, and that others differ, is for leads. An item that is held and then waits
 * again would be one on which several are asked.
 *
 * A list that is filtered for a reviewer (`ListFilter.seenBy`) goes by these states and labels, and no
 * others.
 */
export function seenBy(viewer: string, review: ReviewStatus): ReviewStatus {
  const own = review.opinions.find(({ reviewer }) => reviewer === viewer);
  if (own !== undefined) {
    return {
      ...review,
      state: own.label === null ? 'discarded' : 'labelled',
      reviewer: own.reviewer,
      leaseExpiresMs: null,
      label: own.label,
      finding: own.finding,
      decidedMs: own.givenMs,
      note: own.note,
      opinions: [own],
    };
  }
  if (review.state === 'labelled' || review.state === 'discarded') return { ...review, opinions: [] };
  if (review.state === 'claimed' && review.reviewer === viewer) return { ...review, opinions: [] };
  const waiting = { state: 'pending', reviewer: null, leaseExpiresMs: null, decidedMs: null } as const;
  return { ...review, ...waiting, note: null, opinions: [] };
}
