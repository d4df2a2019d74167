import { z } from 'zod';
import { FINDINGS } from '../opinions.ts';
import type { PredictionRecord } from '../prediction-record.ts';
import type { Claim } from '../reviewing.ts';
import type { ReviewState, ReviewStatus, StoredPrediction, StoredReview } from '../review-status.ts';
import type { Dialect } from './dialect.ts';
import { isHeld } from './live-leases.ts';

/** What `storedRows` reads, of `predictions p` and `items i`. */
export function storedColumns({ now, opinions }: Pick<Dialect<unknown>, 'now' | 'opinions'>): string {
  return `
  p.id, p.caller, p.stream, p.created_ms, p.input_hash, p.model_digest, p.gate_id, p.decision, p.reasons, p.inclusion_probability,
  p.predicted_label, p.priority, p.answer,
  i.id AS item_id, i.created_ms AS item_created_ms, i.rank, i.reasons AS item_reasons,
  i.inclusion_probability AS item_probability, i.lease, i.reviewer, i.lease_expires_ms, i.assigned_to, i.outcome, i.label, i.finding, i.decided_by,
  i.decided_ms, i.note, ${now} AS read_ms, ${opinions} AS opinions`;
}

const finding = z.enum(FINDINGS).nullable();

const opinionRow = z.object({
  reviewer: z.string(),
  label: z.string().nullable(),
  finding,
  note: z.string().nullable(),
  givenMs: z.number(),
});

/** Reads rows of `storedColumns`: a record, with its review as it stood when it was read. */
export function storedRows({ json }: Pick<Dialect<unknown>, 'json'>) {
  const predictionRow = z.object({
    id: z.string(),
    caller: z.string(),
    stream: z.string().nullable(),
    created_ms: z.number(),
    input_hash: z.string(),
    model_digest: z.string(),
    gate_id: z.string().nullable(),
    decision: z.enum(['auto', 'review']),
    reasons: json.pipe(z.array(z.string())),
    inclusion_probability: z.number(),
    predicted_label: z.string().nullable(),
    priority: z.number(),
    // Opaque to the queue, and written by it as the text of an object: reading it is not worth a second walk.
    answer: json.pipe(
      z.custom<PredictionRecord['answer']>((value) => typeof value === 'object' && value !== null),
    ),
  });
  const reviewRow = predictionRow.extend({
    item_id: z.string(),
    item_created_ms: z.number(),
    rank: z.number(),
    item_reasons: z.union([z.null(), json.pipe(z.array(z.string()))]),
    item_probability: z.number().nullable(),
    reviewer: z.string().nullable(),
    lease_expires_ms: z.number().nullable(),
    assigned_to: z.string().nullable(),
    outcome: z.enum(['open', 'labelled', 'discarded', 'disputed']),
    label: z.string().nullable(),
    finding,
    decided_by: z.string().nullable(),
    decided_ms: z.number().nullable(),
    note: z.string().nullable(),
    read_ms: z.number(),
    opinions: json.pipe(z.array(opinionRow)),
  });
  const storedRow = z.union([reviewRow, predictionRow.extend({ item_id: z.null() })]);
  const claimRow = reviewRow.extend({ lease: z.string() });

  const prediction = (row: z.infer<typeof predictionRow>): PredictionRecord => ({
    id: row.id,
    caller: row.caller,
    stream: row.stream,
    createdMs: row.created_ms,
    inputHash: row.input_hash,
    modelDigest: row.model_digest,
    gateId: row.gate_id,
    decision: row.decision,
    reasons: row.reasons,
    inclusionProbability: row.inclusion_probability,
    predictedLabel: row.predicted_label,
    priority: row.priority,
    answer: row.answer,
  });

  const stateOf = (row: z.infer<typeof reviewRow>): ReviewState => {
    if (row.outcome !== 'open') return row.outcome;
    return isHeld(row.lease_expires_ms, row.read_ms) ? 'claimed' : 'pending';
  };

  const review = (row: z.infer<typeof reviewRow>): ReviewStatus => {
    const state = stateOf(row);
    return {
      id: row.item_id,
      createdMs: row.item_created_ms,
      priority: -row.rank,
      reasons: row.item_reasons ?? row.reasons,
      inclusionProbability: row.item_probability,
      state,
      reviewer: state === 'claimed' ? row.reviewer : row.decided_by,
      leaseExpiresMs: state === 'claimed' ? row.lease_expires_ms : null,
      label: row.label,
      finding: row.finding,
      decidedMs: row.decided_ms,
      note: row.note,
      assignedTo: row.assigned_to,
      opinions: row.opinions,
    };
  };

  return {
    storedPrediction: (row: unknown): StoredPrediction => {
      const parsed = storedRow.parse(row);
      return { prediction: prediction(parsed), review: parsed.item_id === null ? null : review(parsed) };
    },
    /** Of a row that has an item, as the query guarantees. */
    storedReview: (row: unknown): StoredReview => {
      const parsed = reviewRow.parse(row);
      return { prediction: prediction(parsed), review: review(parsed) };
    },
    /** Of a row whose item is held. */
    claimed: (row: unknown): Claim => {
      const parsed = claimRow.parse(row);
      return { prediction: prediction(parsed), review: review(parsed), lease: parsed.lease };
    },
  };
}
