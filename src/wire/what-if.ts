import { z } from 'zod';

/** The query of `GET /v1/gate/what-if`. */
export const whatIfQuery = z.strictObject({
  threshold: z.coerce.number().describe("In the unit of the gate's signal."),
  seconds_per_label: z.coerce.number().positive().max(86_400).default(5).describe('How fast people are.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Of the latest predictions, so many are looked back at.'),
});

const sentSchema = z.object({
  images: z.int(),
  errors: z.int().describe('Where people found the machine’s label wrong.'),
});

export const whatIfSchema = z
  .object({
    threshold: z.number(),
    predictions: z.int(),
    automatic: z.int(),
    review_rate: z.number(),
    labelled: z.int().describe('Of the automatic ones, those with a person’s final label.'),
    errors: z.int().describe('Where it is not the machine’s.'),
    bound: z
      .number()
      .nullable()
      .describe('The selective risk is at most this, at this one threshold; null where labels are missing.'),
    confidence: z.number().describe('Of the bound.'),
    parts: z
      .array(
        z.object({
          part: z.enum(['rank', 'sensitivity', 'confidence', 'familiarity']),
          sent: sentSchema.describe('What it sends to people.'),
          alone: sentSchema.describe('What no other part sends.'),
        }),
      )
      .describe('What each part of the gate’s rule would have sent to people.'),
    reviewer_hours: z.number().describe('That people would have spent on these predictions.'),
  })
  .meta({ id: 'WhatIf' });
