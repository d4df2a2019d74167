import { parseQuery } from '../body/parse-request.ts';
import type { DeskOf } from '../blinding/desk.ts';
import { callerOf } from '../server/request-context.ts';
import { statisticsQuery, statisticsSchema } from '../../../wire/statistics.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

/** How deep the queue is, and how far people got today. */
export function statisticsRoutes(deskOf: DeskOf, now: () => number): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/reviews/statistics',
      access: 'review',
      operation: {
        operationId: 'getReviewStatistics',
        tags: ['reviews'],
        summary: 'The depth of the queue, and the progress of the day',
        description:
          'Of the whole queue and of everyone with the scope `admin`. Without it: what waits for the ' +
          'caller, and the caller’s own answers.',
        requestParams: { query: statisticsQuery },
        responses: {
          200: { description: 'As of now.', content: { 'application/json': { schema: statisticsSchema } } },
        },
      },
      problems: ['invalid_request', 'queue_closed'],
      handle: async (request, response) => {
        const { since } = parseQuery(statisticsQuery, request);
        const sinceMs = since === undefined ? new Date(now()).setUTCHours(0, 0, 0, 0) : Date.parse(since);
        sendJson(response, 200, await deskOf(callerOf(response)).statistics(sinceMs));
      },
    },
  ];
}
