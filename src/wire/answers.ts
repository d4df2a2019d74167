import { z } from 'zod';
import { reviewState } from './review-states.ts';

/** Bytes in canonical base64. Buffer skips what is not base64, so the length tells whether there was any. */
const base64Bytes = z
  .string()
  .meta({ contentEncoding: 'base64', description: 'The bytes of one JPEG, PNG or WebP file.' })
  .transform((text, context) => {
    const bytes = Buffer.from(text, 'base64');
    if (text.replace(/={1,2}$/, '').length === Math.ceil((bytes.length * 4) / 3)) return bytes;
    context.addIssue({
      code: 'custom',
      message: 'expected base64 alone: no line breaks (base64 -w0) and no "data:" before it',
    });
    return z.NEVER;
  });

/** The JSON way to send one image. */
export const jsonImage = z.strictObject({ image: base64Bytes }).meta({ id: 'JsonImage' });

export const reasonSchema = z
  .enum(['sensitive', 'unconfident', 'audit', 'over_budget', 'not_measurable', 'uncalibrated'])
  .meta({ id: 'Reason', description: 'Why a person decides. Several may hold at once.' });

export type Reason = z.infer<typeof reasonSchema>;

export const labelPrediction = z.object({
  label: z.string(),
  index: z.int().describe('Of the label in the model’s list.'),
  probability: z.number(),
  top: z.array(z.object({ label: z.string(), probability: z.number() })).describe('Most probable first.'),
});

const sensitivitySchema = z.object({
  value: z
    .number()
    .describe('Frobenius norm of the Jacobian of the probabilities, per unit of pixel intensity.'),
  interval: z.tuple([z.number(), z.number()]).nullable().describe('Null for `exact`.'),
  confidence: z.number().describe('Of the interval.'),
  probes: z.int().describe('Directions; 0 where the answer is certain without one.'),
  method: z.enum(['estimate', 'exact']),
  asymmetry: z.number().exactOptional().describe('Only for `exact`: large values tell of kinks.'),
});

export const answerSchema = z
  .object({
    id: z.string(),
    decision: z.enum(['auto', 'review']),
    reasons: z.array(reasonSchema),
    label: z
      .string()
      .nullable()
      .describe('Set only when it may be used: the machine’s for `auto`, then the person’s.'),
    prediction: labelPrediction.nullable().describe('Null where the classifier gave no finite answer.'),
    sensitivity: sensitivitySchema.nullable().describe('Null where it could not be measured.'),
    signals: z.record(z.string(), z.number()),
    gate: z.object({ id: z.string(), signal: z.string(), threshold: z.number() }).nullable(),
    model: z.object({ name: z.string(), digest: z.string() }),
    review: z
      .object({
        id: z.string(),
        state: reviewState,
        href: z.string(),
        labelled_by: z.string().exactOptional(),
      })
      .nullable()
      .describe('Null for `auto`.'),
    timing_ms: z
      .object({ decode: z.number(), queue: z.number(), compute: z.number(), store: z.number() })
      .exactOptional()
      .describe('Only in the answer to the request that measured it.'),
  })
  .meta({ id: 'Answer' });

/** What a client receives for one image. */
export type Answer = z.infer<typeof answerSchema>;

export const answersSchema = z.object({ predictions: z.array(answerSchema) }).meta({ id: 'Answers' });

/** The query of `POST /v1/predictions`. */
export function predictionQuery(maxDeadlineMs: number) {
  return z.strictObject({
    method: z
      .enum(['estimate', 'exact'])
      .default('estimate')
      .describe(
        '`exact` differences every coordinate and takes 1 + 2D forward passes; for small inputs only. Where the deadline ' +
          'comes first, `sensitivity.method` is `estimate`.',
      ),
    transforms: z
      .stringbool()
      .default(false)
      .describe('Also measure transform_sensitivity and agreement: about a dozen forward passes more.'),
    deadline_ms: z.coerce
      .number()
      .int()
      .min(1)
      .max(maxDeadlineMs)
      .optional()
      .describe('What is not measured by then goes to review. Default: the service’s.'),
  });
}
