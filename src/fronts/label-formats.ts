import type { ExportedLabel } from '../store/labels.ts';
import { type LabelFormat, type LabelLine, labelSchema } from '../wire/labels.ts';

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
    prediction_id: label.predictionId,
    stream: label.stream,
    outcome: label.label === null ? 'none_of_these' : 'labelled',
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
    result: label.label === null ? [] : [choice('label', label.label)],
    was_cancelled: false,
    created_at: new Date(label.decidedMs).toISOString(),
  };
  return {
    data: {
      // What the machine decided alone shows nobody its image.
      image: label.itemId === null ? null : `/v1/reviews/${label.itemId}/image`,
      ...labelLine(label),
    },
    predictions:
      label.predictedLabel === null
        ? []
        : [{ model_version: label.modelDigest, result: [choice('prediction', label.predictedLabel)] }],
    annotations: label.source === 'human' ? [annotation] : [],
  };
}
