import { z } from 'zod';
import { plainText } from '../plain-text.ts';
import { instant } from './review-states.ts';

/** One line of `jsonl`, and the columns of `csv`. */
export const labelSchema = z
  .object({
    cursor: z.string().describe('Give that of the last label you have as `since`.'),
    id: z.string().describe('The prediction’s; of what a person says of an audit, the item’s.'),
    label: z.string().nullable().describe('Null where people found that none of the model’s fits.'),
    source: z.enum(['machine', 'human']),
    reviewers: z
      .array(z.string())
      .describe(
        'Who gave this label: ids of keys, or `jwt:` and the subjects of JWTs; empty for the machine’s.',
      ),
    note: z.string().nullable(),
    created_at: instant,
    decided_at: instant.describe('When the label became final.'),
    reasons: z.array(z.string()),
    inclusion_probability: z
      .number()
      .describe('With which a person sees this input: 1 by reason, the chance of an audit otherwise.'),
    predicted_label: z.string().nullable().describe('The machine’s, whoever decided.'),
    model_digest: z.string(),
    gate_id: z.string().nullable(),
    input_hash: z.string(),
    prediction_id: z.string(),
    stream: z.string().nullable().describe('As the caller named it; null where it did not.'),
    outcome: z.enum(['labelled', 'none_of_these']).describe('`none_of_these` where there is no label.'),
  })
  .meta({ id: 'Label' });

export type LabelLine = z.infer<typeof labelSchema>;

/** The body of `POST /v1/labels/seal`. */
export const sealRequest = z
  .strictObject({
    limit: z.int().min(1).max(1_000_000).optional().describe('Labels at most. Default: all that are final.'),
  })
  .meta({ id: 'SealRequest' });

export type Sealed = z.infer<typeof sealedSchema>;

export const sealedSchema = z
  .object({
    sealed: z.int().describe('How many labels this call has sealed.'),
    cursor: z
      .string()
      .nullable()
      .describe('Of the last label that is sealed, whoever has sealed it; null where none is.'),
  })
  .meta({ id: 'Sealed' });

const LABEL_FORMATS = ['jsonl', 'csv', 'label-studio'] as const;

export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** The query of `GET /v1/labels`. */
export const labelsQuery = z.strictObject({
  format: z.enum(LABEL_FORMATS).default('jsonl'),
  since: plainText(z.string().max(100))
    .optional()
    .describe('`cursor` of the last label that you have; from the beginning where absent.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Labels at most. Default: all that are sealed.'),
});
