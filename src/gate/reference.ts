import { z } from 'zod';

/**
 * What the certification images were like, as far as an alarm for change asks: counts, and cuts at values
 * that as many of these images lay beyond.
 */
export const referenceSchema = z.strictObject({
  images: z.int().min(1),
  unfamiliar: z
    .int()
    .min(0)
    .nullable()
    .describe('Images beyond the cut of familiarity; null where the gate has none.'),
  tails: z
    .array(
      z.strictObject({
        signal: z.string(),
        side: z.enum(['above', 'below']),
        cut: z.number(),
        beyond: z.int().min(0).describe('Images beyond the cut.'),
      }),
    )
    .describe('Ends of the distributions of signals.'),
  labels: z.array(z.int().min(0)).describe('Images by predicted class, in the order of the labels.'),
});

export type Reference = z.infer<typeof referenceSchema>;
