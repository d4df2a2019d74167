/**
 * How an answer lies in the database: the one place where it is written, read and checked.
 *
 * Format 2 is RecordedAnswer with `format: 2`. Format 1, which has no number, is the answer as HTTP gave it;
 * what first releases did not write yet is null in it.
 */
import { z } from 'zod';
import type { Json } from '../store/json.ts';
import type { PredictionRecord } from '../store/prediction-record.ts';
import type { Answer, RecordedAnswer } from './answer.ts';

const FORMAT = 2;

const reason = z.enum(['sensitive', 'unconfident', 'audit', 'over_budget', 'not_measurable', 'uncalibrated']);

const prediction = z.object({
  label: z.string(),
  index: z.int(),
  probability: z.number(),
  top: z.array(z.object({ label: z.string(), probability: z.number() })),
});

const sensitivity = z.object({
  value: z.number(),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  confidence: z.number(),
  probes: z.int(),
  method: z.enum(['estimate', 'exact']),
  asymmetry: z.number().optional(),
});

const format2 = z.object({
  id: z.string(),
  decision: z.enum(['auto', 'review']),
  reasons: z.array(reason),
  label: z.string().nullable(),
  prediction: prediction.nullable(),
  sensitivity: sensitivity.nullable(),
  signals: z.record(z.string(), z.number()),
  gate: z.object({ id: z.string(), signal: z.string(), threshold: z.number() }).nullable(),
  model: z.object({ name: z.string(), digest: z.string() }),
});

/** Each part by itself: a part that a first release wrote otherwise is left out, and the others are read. */
const format1 = z.object({
  prediction: prediction.nullable().catch(null),
  sensitivity: sensitivity.nullable().catch(null),
  signals: z.record(z.string(), z.number()).catch({}),
  reasons: z.array(reason).catch([]),
  label: z.string().nullable().catch(null),
  gate: format2.shape.gate.catch(null),
  model: z.object({ name: z.string() }).catch({ name: '' }),
});

export function encodeAnswer(answer: RecordedAnswer): { readonly [key: string]: Json } {
  const stored = { format: FORMAT, ...answer };
  return stored as unknown as { readonly [key: string]: Json };
}

/** The signals of a stored answer of either format; none where it could not be measured. */
export function storedSignals(answer: PredictionRecord['answer']): Readonly<Record<string, number>> {
  return format1.shape.signals.parse(answer.signals);
}

/**
 * The answer of a record.
 *
 * @throws Error if a later release wrote it, or it is not what `encodeAnswer` writes
 */
export function decodeAnswer({ id, decision, modelDigest, answer }: PredictionRecord): RecordedAnswer {
  if (answer.format === undefined) {
    const { model, ...parts } = format1.parse(answer);
    return { id, decision, ...parts, model: { name: model.name, digest: modelDigest } };
  }
  if (answer.format !== FORMAT) {
    throw new Error(
      `expected the stored answer of ${id} in format ${FORMAT}, got format ` +
        `${JSON.stringify(answer.format)}: ` +
        'a later release wrote it',
    );
  }
  const parsed = format2.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new Error(`the stored answer of ${id} is not what was written: ${z.prettifyError(parsed.error)}`);
}

/** As it was given when it was recorded, without its timing. */
export function firstAnswer(recorded: RecordedAnswer): Answer {
  const review = recorded.decision === 'review' ? ({ state: 'pending', labelledBy: null } as const) : null;
  return { ...recorded, review, timing: null };
}
