import type { Caller } from '../../../access/caller.ts';
import type { ReviewerProgress } from '../../../store/figures.ts';
import type { ReviewStatistics } from '../../../wire/statistics.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { instant } from '../instant.ts';

export interface StatisticsRequest {
  readonly caller: Caller;
  readonly sinceMs: number;
  readonly withoutAudits?: true;
}

/**
 * How deep the queue is and how far people got: of all for a lead, and for anyone else their own.
 *
 * An item on which others are still asked stays open after the caller's answer, and one that is final does
 * not. Counts by state would fall for the one and not for the other, and so tell which items are audits where
 * audits alone need several people; so would the answers of everyone beside them. What waits for the caller
 * falls by one for both.
 */
export async function statisticsFor(
  figures: CheckedStore['figures'],
  { caller, sinceMs, ...audits }: StatisticsRequest,
): Promise<ReviewStatistics> {
  const reviewer = caller.keyId;
  const [reviewers, since] = [await figures.progress(sinceMs), instant(sinceMs)];
  const mine = sumOf(reviewers.filter((one) => one.reviewer === reviewer));
  if (!caller.scopes.includes('admin'))
    return { items: await figures.waitingFor({ reviewer, ...audits }), since, mine };
  const { items, oldestWaitingMs } = await figures.statistics();
  return {
    items,
    oldest_waiting_at: oldestWaitingMs === null ? null : instant(oldestWaitingMs),
    since,
    mine,
    everyone: sumOf(reviewers),
    reviewers: [...reviewers],
  };
}

function sumOf(reviewers: readonly ReviewerProgress[]): ReviewStatistics['mine'] {
  return {
    labelled: reviewers.reduce((sum, { labelled }) => sum + labelled, 0),
    discarded: reviewers.reduce((sum, { discarded }) => sum + discarded, 0),
  };
}
