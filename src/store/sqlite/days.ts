import type { Database } from 'better-sqlite3';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { DAY_MS, type DayCounts, type DayRange, withOutcomes } from '../day-counts.ts';

const within = (column: string): string => `${column} >= :dayMs AND ${column} < :dayMs + ${DAY_MS}`;
const decided = (decision: 'auto' | 'review'): string => `(
  SELECT count(*) FROM predictions
  WHERE decision = '${decision}' AND model_digest = :modelDigest AND gate_id IS :gateId AND ${within('created_ms')})`;

/** Every count is a range of an index of its own that holds all that is read: opinions_by_time, predictions_auto, predictions_flagged. */
export const DAY = `
  SELECT :dayMs AS dayMs,
    (SELECT count(label) FROM opinions WHERE ${within('given_ms')}) AS labelled,
    (SELECT count(*) - count(label) FROM opinions WHERE ${within('given_ms')}) AS discarded,
    ${decided('review')} AS flagged,
    ${decided('auto')} AS automatic`;

/** A range of item_reasons_by_created, which has labelled audits alone, and look-ups by primary key. */
export const DAY_OUTCOMES = `
  SELECT item_reasons.created_ms - item_reasons.created_ms % ${DAY_MS} AS dayMs, p.predicted_label IS i.label AS agrees,
    p.inclusion_probability AS inclusionProbability, count(*) AS count
  FROM item_reasons CROSS JOIN predictions p ON p.id = item_reasons.id CROSS JOIN items i ON i.id = item_reasons.id
  WHERE item_reasons.reason = 'audit' AND item_reasons.outcome = 'labelled'
    AND item_reasons.created_ms >= :sinceMs AND item_reasons.created_ms < :sinceMs + :days * ${DAY_MS}
    AND p.decision = 'auto' AND p.model_digest = :modelDigest AND p.gate_id IS :gateId
  GROUP BY dayMs, agrees, inclusionProbability ORDER BY dayMs, agrees, inclusionProbability`;

const dayRow = z.object({
  dayMs: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  flagged: z.number(),
  automatic: z.number(),
});
const outcomeRow = z
  .object({ dayMs: z.number(), agrees: z.number(), inclusionProbability: z.number(), count: z.number() })
  .transform(({ agrees, ...row }) => ({ ...row, agrees: agrees === 1 }));

/**
 * Counts answers, decisions and audits day by day.
 *
 * A busy day has a million decisions to count, and nothing else runs meanwhile: each is a read of its own, and between them others have their turn. So
 * today's audits may be counted a moment after today's decisions.
 *
 * @param read Runs a query, and refuses when the queue is closed.
 */
export function prepareDays(db: Database, read: <T>(query: () => T) => Promise<T>) {
  const day = db.prepare<[{ dayMs: number; modelDigest: string; gateId: string | null }]>(DAY);
  const outcomes = db.prepare<[DayRange]>(DAY_OUTCOMES);
  return async (range: DayRange): Promise<DayCounts[]> => {
    const { modelDigest, gateId, sinceMs } = range;
    const counts: z.infer<typeof dayRow>[] = [];
    for (let i = 0; i < range.days; i++) {
      const dayMs = sinceMs + i * DAY_MS;
      counts.push(await read(() => dayRow.parse(day.get({ dayMs, modelDigest, gateId }))));
      await nextTurn();
    }
    const found = await read(() => z.array(outcomeRow).parse(outcomes.all(range)));
    return withOutcomes(counts, found);
  };
}
