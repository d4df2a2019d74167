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
        labelled: z.int().exactOptional().describe('Only with the scope `admin`.'),
        discarded: z.int().exactOptional().describe('Only with the scope `admin`.'),
        disputed: z.int().exactOptional().describe('Only with the scope `admin`.'),
      })
      .describe(
        'Of all models. With the scope `admin` all items; without it those that wait for the caller and ' +
          'those that the caller holds.',
      ),
    oldest_waiting_at: instant
      .nullable()
      .exactOptional()
      .describe('When the oldest item that is not decided entered the queue. Only with the scope `admin`.'),
    since: instant,
    mine: answerCounts.describe('The caller’s answers since then that stand.'),
    everyone: answerCounts.exactOptional().describe('Only with the scope `admin`.'),
    reviewers: z
      .array(answerCounts.extend({ reviewer: z.string() }))
      .exactOptional()
      .describe('Only with the scope `admin`.'),
  })
  .meta({ id: 'ReviewStatistics' });

export type ReviewStatistics = z.infer<typeof statisticsSchema>;
