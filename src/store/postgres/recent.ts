import { z } from 'zod';
import { recentDecision, type RecentDecision, type RecentRange } from '../recent-decisions.ts';
import type { Connection } from './connection.ts';
import { statement } from './sql.ts';

/** From the newest id backwards, and a look-up by primary key each: no more rows are read than are wanted of the one model served. */
const RECENT = statement(
  'recent',
  `SELECT p.decision, p.predicted_label, p.answer, CASE i.outcome WHEN 'labelled' THEN i.label END AS label
   FROM predictions p LEFT JOIN items i ON i.id = p.id
   WHERE p.model_digest = :modelDigest ORDER BY p.id DESC LIMIT :limit::bigint`,
);

const recentRow = z.object({
  decision: z.enum(['auto', 'review']),
  predicted_label: z.string().nullable(),
  label: z.string().nullable(),
  answer: z.unknown().transform((value): unknown => (typeof value === 'string' ? JSON.parse(value) : value)),
});

/** Reads the latest decisions, newest first. */
export async function recentDecisions(
  connection: Connection,
  range: RecentRange,
): Promise<readonly RecentDecision[]> {
  const { rows } = await connection.run(RECENT, { modelDigest: range.modelDigest, limit: range.limit });
  return rows.map((row) => recentDecision(recentRow.parse(row)));
}
