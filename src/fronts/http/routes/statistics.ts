import { z } from 'zod';
import type { ReviewerProgress } from '../../../store/figures.ts';
import { REVIEW_STATES, type ReviewState } from '../../../store/review-status.ts';
import type { Store } from '../../../store/store.ts';
import { parseQuery } from '../body/parse-request.ts';
import { callerOf } from '../server/request-context.ts';
import { instant } from './review-item.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

const query = z.strictObject({
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From when answers are counted: the caller’s midnight, say. Default: the last one in UTC.'),
});

const answers = z.object({ labelled: z.int(), discarded: z.int() });
const counts = Object.fromEntries(REVIEW_STATES.map((state) => [state, z.int()])) as Record<
  ReviewState,
  z.ZodInt
>;

const statisticsSchema = z
  .object({
    items: z.object(counts).describe('Of all models.'),
    oldest_waiting_at: z
      .string()
      .meta({ format: 'date-time' })
      .nullable()
      .describe('When the oldest item that is not decided was made.'),
    since: z.string().meta({ format: 'date-time' }),
    mine: answers.describe('The caller’s answers since then that stand.'),
    everyone: answers,
    reviewers: z
      .array(answers.extend({ reviewer: z.string() }))
      .exactOptional()
      .describe('Only with the scope `admin`.'),
  })
  .meta({ id: 'ReviewStatistics' });

/** How deep the queue is, and how far people got today. */
export function statisticsRoutes({ figures }: Pick<Store, 'figures'>, now: () => number): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/reviews/statistics',
      access: 'review',
      operation: {
        operationId: 'getReviewStatistics',
        tags: ['reviews'],
        summary: 'The depth of the queue, and the progress of the day',
        requestParams: { query },
        responses: {
          200: { description: 'As of now.', content: { 'application/json': { schema: statisticsSchema } } },
        },
      },
      problems: ['invalid_request', 'queue_closed'],
      handle: async (request, response) => {
        const { since } = parseQuery(query, request);
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

function sumOf(reviewers: readonly ReviewerProgress[]): z.infer<typeof answers> {
  return {
    labelled: reviewers.reduce((sum, { labelled }) => sum + labelled, 0),
    discarded: reviewers.reduce((sum, { discarded }) => sum + discarded, 0),
  };
}
