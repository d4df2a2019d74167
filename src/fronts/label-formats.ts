import { z } from 'zod';
import type { ExportedLabel } from '../store/labels.ts';

const instant = z.string().meta({ format: 'date-time' });

/** One line of `jsonl`, and the columns of `csv`. */
export const labelSchema = z
  .object({
    cursor: z.string().describe('Give that of the last label you have as `since`.'),
    id: z.string(),
    label: z.string(),
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
      .describe('With which this input came into review: 1 by reason, the audit’s rate otherwise.'),
    predicted_label: z.string().nullable().describe('The machine’s, whoever decided.'),
    model_digest: z.string(),
    gate_id: z.string().nullable(),
    input_hash: z.string(),
  })
  .meta({ id: 'Label' });

export type LabelLine = z.infer<typeof labelSchema>;

export const LABEL_FORMATS = ['jsonl', 'csv', 'label-studio'] as const;

export type LabelFormat = (typeof LABEL_FORMATS)[number];

/** How labels are written one after the other. */
export interface LabelWriter {
  readonly contentType: string;
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  readonly write: (label: ExportedLabel) => string;
}

export function labelLine(label: ExportedLabel): LabelLine {
  return {
    cursor: label.cursor,
    id: label.id,
    label: label.label,
    source: label.source,
    reviewers: [...label.reviewers],
    note: label.note,
    created_at: new Date(label.createdMs).toISOString(),
    decided_at: new Date(label.decidedMs).toISOString(),
    reasons: [...label.reasons],
    inclusion_probability: label.inclusionProbability,
    predicted_label: label.predictedLabel,
    model_digest: label.modelDigest,
    gate_id: label.gateId,
    input_hash: label.inputHash,
  };
}

const COLUMNS = Object.keys(labelSchema.shape) as (keyof LabelLine)[];

export const LABEL_WRITERS: Readonly<Record<LabelFormat, LabelWriter>> = {
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: '',
    between: '',
    tail: '',
    write: (label) => `${JSON.stringify(labelLine(label))}\n`,
  },
  // RFC 4180; lists are joined by semicolons.
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: `${COLUMNS.join(',')}\r\n`,
    between: '',
    tail: '',
    write: (label) => {
      const line = labelLine(label);
      return `${COLUMNS.map((column) => csvField(line[column])).join(',')}\r\n`;
    },
  },
  'label-studio': {
    contentType: 'application/json; charset=utf-8',
    head: '[',
    between: ',\n',
    tail: ']\n',
    write: (label) => JSON.stringify(labelStudioTask(label)),
  },
};

function csvField(value: string | number | readonly string[] | null): string {
  const text = value === null ? '' : typeof value === 'object' ? value.join(';') : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A task of Label Studio's import. The person's label is an annotation, the machine's a prediction. */
function labelStudioTask(label: ExportedLabel): object {
  const choice = (name: string, chosen: string) => ({
    id: name,
    from_name: 'choice',
    to_name: 'image',
    type: 'choices',
    value: { choices: [chosen] },
  });
  const annotation = {
    result: [choice('label', label.label)],
    was_cancelled: false,
    created_at: new Date(label.decidedMs).toISOString(),
  };
  return {
    data: {
      // The image of what the machine decided alone is not kept.
      image: label.source === 'human' ? `/v1/reviews/${label.id}/image` : null,
      ...labelLine(label),
    },
    predictions:
      label.predictedLabel === null
        ? []
        : [{ model_version: label.modelDigest, result: [choice('prediction', label.predictedLabel)] }],
    annotations: label.source === 'human' ? [annotation] : [],
  };
}
