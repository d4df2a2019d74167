import { z } from 'zod';
import type {
  PredictionRecord,
  ReviewState,
  ReviewStatus,
  StoredPrediction,
  StoredReview,
} from '../queue.ts';

/** What `storedPrediction` reads, of `predictions p` and `items i`. */
export const STORED_COLUMNS = `
  p.id, p.created_ms, p.input_hash, p.model_digest, p.gate_id, p.decision, p.reasons, p.predicted_label,
  p.priority, p.answer,
  i.id AS item_id, i.lease, i.reviewer, i.lease_expires_ms, i.label, i.labelled_by, i.labelled_ms, i.note`;

const storedRow = z.object({
  id: z.string(),
  created_ms: z.number(),
  input_hash: z.string(),
  model_digest: z.string(),
  gate_id: z.string().nullable(),
  decision: z.enum(['auto', 'review']),
  reasons: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.string())),
  predicted_label: z.string().nullable(),
  priority: z.number(),
  // Opaque to the queue, and written by it as the text of an object: reading it is not worth a second walk.
  answer: z.string().transform((text) => JSON.parse(text) as PredictionRecord['answer']),
  item_id: z.string().nullable(),
  lease: z.string().nullable(),
  reviewer: z.string().nullable(),
  lease_expires_ms: z.number().nullable(),
  label: z.string().nullable(),
  labelled_by: z.string().nullable(),
  labelled_ms: z.number().nullable(),
  note: z.string().nullable(),
});

const reviewRow = storedRow.extend({ item_id: z.string() });

type StoredRow = z.infer<typeof storedRow>;

/** The record in a row of `STORED_COLUMNS`, with its review as it stands at `now`. */
export function storedPrediction(row: unknown, now: number): StoredPrediction {
  const parsed = storedRow.parse(row);
  return { prediction: prediction(parsed), review: parsed.item_id === null ? null : review(parsed, now) };
}

/** The same for a row that has an item, as the query guarantees. */
export function storedReview(row: unknown, now: number): StoredReview {
  const parsed = reviewRow.parse(row);
  return { prediction: prediction(parsed), review: review(parsed, now) };
}

function prediction(row: StoredRow): PredictionRecord {
  return {
    id: row.id,
    createdMs: row.created_ms,
    inputHash: row.input_hash,
    modelDigest: row.model_digest,
    gateId: row.gate_id,
    decision: row.decision,
    reasons: row.reasons,
    predictedLabel: row.predicted_label,
    priority: row.priority,
    answer: row.answer,
  };
}

function review(row: StoredRow, now: number): ReviewStatus {
  const state = stateAt(row, now);
  return {
    state,
    reviewer: state === 'labelled' ? row.labelled_by : state === 'claimed' ? row.reviewer : null,
    leaseExpiresMs: state === 'claimed' ? row.lease_expires_ms : null,
    label: row.label,
    labelledMs: row.labelled_ms,
    note: row.note,
  };
}

function stateAt(row: StoredRow, now: number): ReviewState {
  if (row.label !== null) return 'labelled';
  return row.lease_expires_ms !== null && row.lease_expires_ms > now ? 'claimed' : 'pending';
}
