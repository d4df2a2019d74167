import { z } from 'zod';
import { auditSchema } from './model.ts';
import { instant } from './review-states.ts';

/** The query of `GET /v1/statistics/days`. */
export const daysQuery = z.strictObject({
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
    from: instant.describe('A midnight in UTC.'),
    until: instant.describe('The midnight in UTC at which it ends.'),
    labelled: z.int().describe('Answers given in this time, of all models, that stand.'),
    discarded: z.int(),
    flagged: z.int().describe('Images of this time that the gate sent to people.'),
    automatic: z.int().describe('Images of this time that it did not.'),
    audited: z.int().describe('Of those, audits with a final label, whenever it was given.'),
    wrong: z.int().describe('Of those, where the label is not the machine’s.'),
    audit: auditSchema.describe('Selective risk, from these audits alone.'),
  })
  .meta({ id: 'DayStatistics' });

export type DayStatistics = z.infer<typeof spanSchema>;

export const daysSchema = z
  .object({ time_zone: z.literal('UTC'), spans: z.array(spanSchema).readonly() })
  .meta({ id: 'DaysStatistics' });

export type DaysStatistics = z.infer<typeof daysSchema>;
