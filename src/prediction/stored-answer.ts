/**
 * How an answer lies in the database: the one place where it is written, read and checked.
 *
 * Format 2 is RecordedAnswer with `format: 2`. Format 1, which has no number, is the answer as HTTP gave it;
 * what first releases did not write yet is null in it.
 *
 * What a later release adds needs no new format: reasons and methods that this one does not know are text
 * like the others, and members that it does not know stay in the database and are not read. So replicas of
 * both may answer while one rolls out. A new format is for what must not be read without being understood.
 */
import { z } from 'zod';
import type { Json } from '../store/json.ts';
import type { PredictionRecord } from '../store/prediction-record.ts';
import type { Answer, RecordedAnswer } from './answer.ts';

const FORMAT = 2;

/** JSON has no NaN and no Infinity, and writes them as null. */
const number = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);
const upperEnd = z
  .number()
  .nullable()
  .transform((value) => value ?? Infinity);
const signals = z.record(z.string(), number);

const prediction = z.object({
  label: z.string(),
  index: z.int(),
  probability: number,
  top: z.array(z.object({ label: z.string(), probability: number })),
});

const sensitivity = z.object({
  value: number,
  interval: z.tuple([number, upperEnd]).nullable(),
  confidence: z.number(),
  probes: z.int(),
  method: z.string(),
  asymmetry: number.optional(),
});

const format2 = z.object({
  id: z.string(),
  decision: z.enum(['auto', 'review']),
  reasons: z.array(z.string()),
  damage: z.string().exactOptional(),
  label: z.string().nullable(),
  prediction: prediction.nullable(),
  sensitivity: sensitivity.nullable(),
  signals,
  familiarity: z.object({ score: number, quantile: number, strange: z.array(z.string()) }).exactOptional(),
  gate: z.object({ id: z.string(), signal: z.string(), threshold: z.number() }).nullable(),
  model: z.object({ name: z.string(), digest: z.string() }),
});

/** Each part by itself: a part that a first release wrote otherwise is left out, and the others are read. */
const format1 = z.object({
  prediction: prediction.nullable().catch(null),
  sensitivity: sensitivity.nullable().catch(null),
  signals: signals.catch({}),
  reasons: z.array(z.string()).catch([]),
  label: z.string().nullable().catch(null),
  gate: format2.shape.gate.catch(null),
  model: z.object({ name: z.string() }).catch({ name: '' }),
});

/** The stream has a column of its own, and is not written twice. */
export function encodeAnswer({ stream: _, ...answer }: RecordedAnswer): { readonly [key: string]: Json } {
  const stored = { format: FORMAT, ...answer };
  return stored as unknown as { readonly [key: string]: Json };
}

/**
 * The signals of a stored answer of either format, none where it could not be measured; and the score of its
 * familiarity, null where it was not asked.
 */
export function storedMeasurement(answer: PredictionRecord['answer']): {
  readonly signals: Readonly<Record<string, number>>;
  readonly familiarity: number | null;
} {
  return {
    signals: signals.catch({}).parse(answer.signals),
    familiarity: z.object({ score: number }).nullable().catch(null).parse(answer.familiarity)?.score ?? null,
  };
}

/**
 * What can be read of a record's answer, part by part: for lists, which one answer that cannot be read must
 * not end.
 */
export function readableAnswer(record: PredictionRecord): RecordedAnswer {
  const { id, stream, decision, modelDigest, answer } = record;
  const { model, ...parts } = format1.parse(answer);
  return { id, stream, decision, ...parts, model: { name: model.name, digest: modelDigest } };
}

/**
 * The answer of a record.
 *
 * @throws Error if a later release wrote it, or it is not what `encodeAnswer` writes
 */
export function decodeAnswer(record: PredictionRecord): RecordedAnswer {
  const { id, stream, answer } = record;
  if (answer.format === undefined) return readableAnswer(record);
  if (answer.format !== FORMAT) {
    throw new Error(
      `expected the stored answer of ${id} in format ${FORMAT}, got format ` +
        `${JSON.stringify(answer.format)}: a later release wrote it`,
    );
  }
  const parsed = format2.safeParse(answer);
  if (parsed.success) return { ...parsed.data, stream };
  throw new Error(`the stored answer of ${id} is not what was written: ${z.prettifyError(parsed.error)}`);
}

/**
 * As it was given when it was recorded, without its timing.
 *
 * @param itemId The item in which a person decides; told only where one has to.
 */
export function firstAnswer(recorded: RecordedAnswer, itemId: string | null): Answer {
  const review =
    recorded.decision === 'review'
      ? ({ id: itemId ?? recorded.id, state: 'pending', labelledBy: null } as const)
      : null;
  return { ...recorded, review, timing: null };
}

const strangeness = z.object({ strange: z.array(z.string()) });

/** What is strange about the picture, in words; nothing where familiarity was not asked for. */
export function storedStrangeness({ familiarity }: PredictionRecord['answer']): readonly string[] {
  return strangeness.catch({ strange: [] }).parse(familiarity).strange;
}
