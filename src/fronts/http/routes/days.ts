import type { Oversight } from '../../../oversight/oversight.ts';
import { daysQuery, daysSchema, type DaysStatistics } from '../../../wire/days.ts';
import { parseQuery } from '../body/parse-request.ts';
import { instant } from '../instant.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

/** How the gate and its reviewers did, day by day. */
export function dayRoutes(oversight: Oversight): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/statistics/days',
      access: 'admin',
      operation: {
        operationId: 'getDayStatistics',
        tags: ['model'],
        summary: 'Answers, decisions and the audit’s estimate, day by day or week by week',
        description:
          'Days are those of UTC. Decisions and audits are those of the model and the gate that are ' +
          'served now. For admins: a reviewer who saw the number of audits grow would know which items ' +
          'are audits.',
        requestParams: { query: daysQuery },
        responses: {
          200: { description: 'Oldest first.', content: { 'application/json': { schema: daysSchema } } },
        },
      },
      problems: ['invalid_request', 'queue_closed'],
      handle: async (request, response) => {
        const { days, per } = parseQuery(daysQuery, request);
        const spans = await oversight.spans(days, per === 'day' ? 1 : 7);
        sendJson(response, 200, {
          time_zone: 'UTC',
          spans: spans.map(({ fromMs, untilMs, audit, ...counts }) => ({
            from: instant(fromMs),
            until: instant(untilMs),
            ...counts,
            audited: audit.labels,
            wrong: audit.errors,
            audit,
          })),
        } satisfies DaysStatistics);
      },
    },
  ];
}
