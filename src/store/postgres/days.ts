import { z } from 'zod';
import { DAY_MS, type DayCounts, type DayRange, withOutcomes } from '../day-counts.ts';
import type { Connection } from './connection.ts';
import { statement } from './sql.ts';

const within = (column: string): string => `${column} >= day_ms AND ${column} < day_ms + ${DAY_MS}`;
const decided = (decision: 'auto' | 'review'): string => `(
  SELECT count(*) FROM predictions
  WHERE decision = '${decision}' AND model_digest = :modelDigest AND ${within('created_ms')}
    AND (gate_id = :gateId::text OR gate_id IS NULL AND :gateId::text IS NULL))`;

/** Every count is a range of an index: opinions_by_time, predictions_auto, predictions_flagged. */
export const DAYS = statement(
  'days',
  `SELECT day_ms AS "dayMs",
     (SELECT count(label) FROM opinions WHERE ${within('given_ms')}) AS labelled,
     (SELECT count(*) - count(label) FROM opinions WHERE ${within('given_ms')}) AS discarded,
     ${decided('review')} AS flagged,
     ${decided('auto')} AS automatic
   FROM (SELECT :sinceMs::bigint + n * ${DAY_MS}::bigint AS day_ms FROM generate_series(0, :days::int - 1) n) dates
   ORDER BY day_ms`,
);

/** A range of item_reasons_by_created, which has labelled audits alone, and look-ups by primary key. */
export const DAY_OUTCOMES = statement(
  'day_outcomes',
  `SELECT r.created_ms - r.created_ms % ${DAY_MS} AS "dayMs", p.predicted_label IS NOT DISTINCT FROM i.label AS agrees,
     p.inclusion_probability AS "inclusionProbability", count(*) AS count
   FROM item_reasons r JOIN predictions p ON p.id = r.id JOIN items i ON i.id = r.id
   WHERE r.reason = 'audit' AND r.outcome = 'labelled'
     AND r.created_ms >= :sinceMs::bigint AND r.created_ms < :sinceMs::bigint + :days::bigint * ${DAY_MS}
     AND p.decision = 'auto' AND p.model_digest = :modelDigest AND p.gate_id IS NOT DISTINCT FROM :gateId::text
   GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
);

const dayRow = z.object({
  dayMs: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  flagged: z.number(),
  automatic: z.number(),
});
const outcomeRow = z.object({
  dayMs: z.number(),
  agrees: z.boolean(),
  inclusionProbability: z.number(),
  count: z.number(),
});

/** Counts answers, decisions and audits day by day. */
export async function dayCounts(connection: Connection, range: DayRange): Promise<DayCounts[]> {
  const values = { ...range };
  const [days, outcomes] = await Promise.all([
    connection.run(DAYS, values),
    connection.run(DAY_OUTCOMES, values),
  ]);
  return withOutcomes(z.array(dayRow).parse(days.rows), z.array(outcomeRow).parse(outcomes.rows));
}
