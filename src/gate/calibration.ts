import { z } from 'zod';
import { referenceSchema } from './reference.ts';

const splitSchema = z.strictObject({
  images: z.int().min(0),
  errors: z.int().min(0).describe('Wrong labels among them.'),
  hash: z.string().describe('SHA-256 over the sorted hashes of their pixels.'),
});

const quantilesSchema = z.array(z.tuple([z.number().min(0).max(1), z.number()]));

const countSchema = z.strictObject({ images: z.int().min(0), errors: z.int().min(0) });

/** What a gate was calibrated for, on which images, and what they proved. */
export const calibrationSchema = z
  .strictObject({
    method: z.enum(['fixed_sequence', 'coverage']),
    target: z.strictObject({
      risk: z.number().gt(0).lt(1).nullable().describe('Selective risk promised, by fixed_sequence.'),
      coverage: z
        .number()
        .gt(0)
        .lte(1)
        .nullable()
        .describe('Share of automatic labels asked for, by coverage.'),
    }),
    proven: z
      .strictObject({ risk: z.number().min(0).max(1), confidence: z.number().gt(0).lt(1) })
      .nullable()
      .describe('With this confidence the selective risk is at most this; null where nothing was proven.'),
    fit: splitSchema.describe('Images that chose prior, floor, signal and sequence.'),
    certification: splitSchema
      .extend({
        accepted: z.int().min(0),
        errors_accepted: z.int().min(0),
        pointwise_bound: z.number().nullable(),
      })
      .describe('Images that proved the bound, and had no other part.'),
    sensitivity_quantiles: z
      .array(z.tuple([z.number().min(0).max(1), z.number().min(0)]))
      .describe('Share and sensitivity: the distribution that live inputs are held against.'),
    reference: referenceSchema
      .optional()
      .describe('By which an alarm for change judges service’s images; without it there is none.'),
    rank_quantiles: quantilesSchema
      .default([])
      .describe('The same of what the gate ranks by, turned so that more means more reason for review.'),
    doubt_quantiles: quantilesSchema
      .default([])
      .describe('The same of what the predicted class’s probability lacks to 1.'),
    parts: z
      .array(
        z.strictObject({
          part: z.enum(['rank', 'sensitivity', 'confidence', 'familiarity']),
          sent: countSchema.describe('Certification images that it sends to people.'),
          alone: countSchema.describe('Those that no other part sends.'),
        }),
      )
      .default([])
      .describe('What each part of the rule sends to people, and how many wrong labels it catches.'),
    left_out: z.record(z.string(), z.int()).describe('Images that could not be used, by kind.'),
    data: z.string(),
    created: z.string(),
    tool: z.string().describe('The program and its version.'),
  })
  .refine(
    ({ method, target }) => (method === 'coverage' ? target.coverage : target.risk) !== null,
    'expected the target of the method',
  );

export type Calibration = z.infer<typeof calibrationSchema>;
