import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { recentDecision, type RecentDecision, type RecentRange } from '../recent-decisions.ts';

/** From the newest id backwards, and a look-up by primary key each: no more rows are read than are wanted of the one model served. */
const RECENT = `
  SELECT p.decision, p.predicted_label, p.answer, CASE i.outcome WHEN 'labelled' THEN i.label END AS label
  FROM predictions p LEFT JOIN items i ON i.id = p.id
  WHERE p.model_digest = :modelDigest ORDER BY p.id DESC LIMIT :limit`;

const recentRow = z.object({
  decision: z.enum(['auto', 'review']),
  predicted_label: z.string().nullable(),
  label: z.string().nullable(),
  answer: z.string().transform((text): unknown => JSON.parse(text)),
});

/** Reads the latest decisions, newest first. */
export function prepareRecent(db: Database) {
  const select = db.prepare<[RecentRange]>(RECENT);
  return (range: RecentRange): readonly RecentDecision[] =>
    select.all(range).map((row) => recentDecision(recentRow.parse(row)));
}
