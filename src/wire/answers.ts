import { z } from 'zod';
import { finding, reviewState } from './review-states.ts';

export const reasonSchema = z
  .enum([
    'sensitive',
    'unconfident',
    'unfamiliar',
    'damaged_image',
    'audit',
    'over_budget',
    'not_measurable',
    'uncalibrated',
    'promise_broken',
  ])
  .meta({ id: 'Reason', description: 'Why a person decides. Several may hold at once.' });

export type Reason = z.infer<typeof reasonSchema>;

export const labelPrediction = z.object({
  label: z.string(),
  index: z.int().describe('Of the label in the model’s list.'),
  probability: z.number(),
  top: z.array(z.object({ label: z.string(), probability: z.number() })).describe('Most probable first.'),
});

export type LabelPrediction = z.infer<typeof labelPrediction>;

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

const familiaritySchema = z.object({
  score: z.number().nullable().describe('Larger is less familiar.'),
  quantile: z
    .number()
    .nullable()
    .describe('Share of calibration’s images that are at least as familiar, 0 to 1.'),
  strange: z.array(z.string()).describe('What is strange about it, in words, the strangest first.'),
});

export const answerSchema = z
  .object({
    id: z.string(),
    stream: z.string().nullable().describe('As the caller named it; null where it did not.'),
    decision: z.enum(['auto', 'review']),
    reasons: z.array(reasonSchema),
    damage: z
      .string()
      .exactOptional()
      .describe('What is damaged about the file, in words; only with the reason `damaged_image`.'),
    label: z
      .string()
      .nullable()
      .describe('Set only when it may be used: the machine’s for `auto`, then the person’s.'),
    prediction: labelPrediction.nullable().describe('Null where the classifier gave no finite answer.'),
    sensitivity: sensitivitySchema.nullable().describe('Null where it could not be measured.'),
    signals: z.record(z.string(), z.number()),
    familiarity: familiaritySchema
      .exactOptional()
      .describe('How like calibration’s images it is, where the gate asks.'),
    gate: z.object({ id: z.string(), signal: z.string(), threshold: z.number() }).nullable(),
    model: z.object({ name: z.string(), digest: z.string() }),
    review: z
      .object({
        id: z.string(),
        state: reviewState,
        href: z.string(),
        labelled_by: z.string().exactOptional(),
        outcome: finding
          .exactOptional()
          .describe('What people found instead of a label: none of the model’s fits, or nobody could judge.'),
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
