import type { z } from 'zod';
import type { ReviewerProgress } from '../../../store/figures.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { parseQuery } from '../body/parse-request.ts';
import { callerOf } from '../server/request-context.ts';
import { instant } from './review-item.ts';
import { type answerCounts, statisticsQuery, statisticsSchema } from '../../../wire/statistics.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

/** How deep the queue is, and how far people got today. */
export function statisticsRoutes(
  { figures }: Pick<CheckedStore, 'figures'>,
  now: () => number,
): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/reviews/statistics',
      access: 'review',
      operation: {
        operationId: 'getReviewStatistics',
        tags: ['reviews'],
        summary: 'The depth of the queue, and the progress of the day',
        requestParams: { query: statisticsQuery },
        responses: {
          200: { description: 'As of now.', content: { 'application/json': { schema: statisticsSchema } } },
        },
      },
      problems: ['invalid_request', 'queue_closed'],
      handle: async (request, response) => {
        const { since } = parseQuery(statisticsQuery, request);
        const sinceMs = since === undefined ? new Date(now()).setUTCHours(0, 0, 0, 0) : Date.parse(since);
        const [{ items, oldestWaitingMs }, reviewers] = await Promise.all([
          figures.statistics(),
          figures.progress(sinceMs),
        ]);
        const { keyId, scopes } = callerOf(response);
        sendJson(response, 200, {
          items,
          oldest_waiting_at: oldestWaitingMs === null ? null : instant(oldestWaitingMs),
          since: instant(sinceMs),
          mine: sumOf(reviewers.filter(({ reviewer }) => reviewer === keyId)),
          everyone: sumOf(reviewers),
          ...(scopes.includes('admin') ? { reviewers } : {}),
        });
      },
    },
  ];
}

function sumOf(reviewers: readonly ReviewerProgress[]): z.infer<typeof answerCounts> {
  return {
    labelled: reviewers.reduce((sum, { labelled }) => sum + labelled, 0),
    discarded: reviewers.reduce((sum, { discarded }) => sum + discarded, 0),
  };
}
