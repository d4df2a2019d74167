import { z } from 'zod';
import type { Hindsight } from '../../../oversight/oversight.ts';
import { auditSchema } from '../../../wire/model.ts';
import { parseQuery } from '../body/parse-request.ts';
import { instant } from './review-item.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

const query = z.strictObject({
  days: z.coerce.number().int().min(1).max(92).default(30).describe('So many, today’s among them.'),
  per: z
    .enum(['day', 'week'])
    .default('day')
    .describe(
      'What one entry sums: a day, or seven, counted back from today; the oldest may then have fewer.',
    ),
});

const spanSchema = z
  .object({
    from: z.string().meta({ format: 'date-time' }).describe('A midnight in UTC.'),
    until: z.string().meta({ format: 'date-time' }).describe('The midnight in UTC at which it ends.'),
    labelled: z.int().describe('Answers given in this time, of all models, that stand.'),
    discarded: z.int(),
    flagged: z.int().describe('Images of this time that the gate sent to people.'),
    automatic: z.int().describe('Images of this time that it did not.'),
    audited: z.int().describe('Of those, audits with a final label, whenever it was given.'),
    wrong: z.int().describe('Of those, where the label is not the machine’s.'),
    audit: auditSchema.describe('Selective risk, from these audits alone.'),
  })
  .meta({ id: 'DayStatistics' });

export const daysSchema = z
  .object({ time_zone: z.literal('UTC'), spans: z.array(spanSchema).readonly() })
  .meta({ id: 'DaysStatistics' });

export type DaysStatistics = z.infer<typeof daysSchema>;

/** How the gate and its reviewers did, day by day. */
export function dayRoutes(hindsight: Hindsight): readonly Route[] {
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
          'Days are those of UTC. Decisions and audits are those of the model and the gate that are served now. For admins: a ' +
          'reviewer who saw the number of audits grow would know which items are audits.',
        requestParams: { query },
        responses: {
          200: { description: 'Oldest first.', content: { 'application/json': { schema: daysSchema } } },
        },
      },
      problems: ['invalid_request', 'queue_closed'],
      handle: async (request, response) => {
        const { days, per } = parseQuery(query, request);
        const spans = await hindsight.spans(days, per === 'day' ? 1 : 7);
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
