import { z } from 'zod';
import { plainText } from '../plain-text.ts';
import { instant } from './review-states.ts';

/** The query of `GET /v1/reviews/statistics`. */
export const statisticsQuery = z.strictObject({
  since: plainText(z.iso.datetime({ offset: true }))
    .optional()
    .describe('From when answers are counted: the caller’s midnight, say. Default: the last one in UTC.'),
});

export const answerCounts = z.object({ labelled: z.int(), discarded: z.int() });

export const statisticsSchema = z
  .object({
    items: z
      .object({
        pending: z.int(),
        claimed: z.int(),
        labelled: z.int(),
        discarded: z.int(),
        disputed: z.int(),
      })
      .describe('Of all models.'),
    oldest_waiting_at: instant.nullable().describe('When the oldest item that is not decided was made.'),
    since: instant,
    mine: answerCounts.describe('The caller’s answers since then that stand.'),
    everyone: answerCounts,
    reviewers: z
      .array(answerCounts.extend({ reviewer: z.string() }))
      .exactOptional()
      .describe('Only with the scope `admin`.'),
  })
  .meta({ id: 'ReviewStatistics' });

export type ReviewStatistics = z.infer<typeof statisticsSchema>;
