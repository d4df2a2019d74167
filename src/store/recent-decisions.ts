import { z } from 'zod';

/** Which decisions are looked back on: the latest ones of a model. */
export interface RecentRange {
  readonly modelDigest: string;
  readonly limit: number;
}

/** One decision of the past, as far as another threshold would ask. */
export interface RecentDecision {
  readonly decision: 'auto' | 'review';
  /** Whether the person's final label is the machine's; null without one. */
  readonly agrees: boolean | null;
  /** As they were answered. */
  readonly signals: Readonly<Record<string, number>>;
}

/** The part of a stored answer that is read here; what has no signals could not be measured. */
const answerSchema = z.object({ signals: z.record(z.string(), z.number()).catch({}) });

/** A row of decision, predicted_label, label (null unless final) and answer. */
export function recentDecision(row: {
  readonly decision: 'auto' | 'review';
  readonly predicted_label: string | null;
  readonly label: string | null;
  readonly answer: unknown;
}): RecentDecision {
  const { decision, predicted_label: predicted, label } = row;
  const { signals } = answerSchema.parse(row.answer);
  return { decision, agrees: label === null ? null : label === predicted, signals };
}
