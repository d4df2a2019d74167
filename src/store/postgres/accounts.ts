import { z } from 'zod';
import type { AuditOutcomes, AuditWindow } from '../audit-outcomes.ts';
import { HISTORY_ACTS, type HistoryEvent, historyOf } from '../history.ts';
import type { QueueStatistics, ReviewerProgress } from '../figures.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/** `totals` is a handful of rows, kept by triggers; live leases are a range of items_leased. */
export const STATISTICS = statement(
  'statistics',
  `SELECT sum(items)::bigint AS items, sum(labelled)::bigint AS labelled, sum(discarded)::bigint AS discarded,
     sum(disputed)::bigint AS disputed,
     (SELECT count(*) FROM items WHERE outcome = 'open' AND lease_expires_ms > ${NOW}) AS claimed,
     (SELECT min(created_ms) FROM items WHERE outcome = 'open') AS oldest_ms
   FROM totals`,
);

/** A range of opinions_by_time. */
export const PROGRESS = statement(
  'progress',
  `SELECT reviewer, count(label) AS labelled, count(*) - count(label) AS discarded
   FROM opinions WHERE given_ms >= :sinceMs::bigint GROUP BY reviewer ORDER BY reviewer`,
);

const findItem = statement(
  'history_item',
  `SELECT i.created_ms, l.exported_ms FROM items i LEFT JOIN labels l ON l.id = i.id WHERE i.id = :id`,
);

const findEvents = statement(
  'history',
  'SELECT at_ms, act, who, detail FROM events WHERE id = :id ORDER BY n',
);

/** Counts a range of predictions_auto. */
export const AUTO_DECISIONS = statement(
  'auto_decisions',
  `SELECT count(*) AS decisions FROM predictions
   WHERE decision = 'auto' AND model_digest = :modelDigest AND created_ms >= :sinceMs::bigint
     AND (gate_id = :gateId::text OR gate_id IS NULL AND :gateId::text IS NULL)`,
);

/** A range of item_reasons_by_created, which has labelled audits alone, and look-ups by primary key. */
export const AUDIT_OUTCOMES = statement(
  'audit_outcomes',
  `SELECT p.predicted_label IS NOT DISTINCT FROM i.label AS agrees, p.inclusion_probability, count(*) AS count
   FROM item_reasons r JOIN predictions p ON p.id = r.id JOIN items i ON i.id = r.id
   WHERE r.reason = 'audit' AND r.outcome = 'labelled' AND r.created_ms >= :sinceMs::bigint
     AND p.decision = 'auto' AND p.model_digest = :modelDigest AND p.gate_id IS NOT DISTINCT FROM :gateId::text
   GROUP BY agrees, p.inclusion_probability ORDER BY agrees, p.inclusion_probability`,
);

const statisticsRow = z.object({
  items: z.number(),
  labelled: z.number(),
  discarded: z.number(),
  disputed: z.number(),
  claimed: z.number(),
  oldest_ms: z.number().nullable(),
});
const progressRow = z.object({ reviewer: z.string(), labelled: z.number(), discarded: z.number() });
const itemRow = z.object({ created_ms: z.number(), exported_ms: z.number().nullable() });
const eventRow = z
  .object({
    at_ms: z.number(),
    act: z.enum(HISTORY_ACTS),
    who: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .transform(({ at_ms: atMs, ...event }): HistoryEvent => ({ atMs, ...event }));
const decisionsRow = z.object({ decisions: z.number() });
const outcomeRow = z
  .object({ agrees: z.boolean(), inclusion_probability: z.number(), count: z.number() })
  .transform(({ inclusion_probability: inclusionProbability, ...row }) => ({ ...row, inclusionProbability }));

/** Counts the items by state. */
export async function statistics(connection: Connection, now: number | null): Promise<QueueStatistics> {
  const { rows } = await connection.run(STATISTICS, { now });
  const { items, oldest_ms, ...counted } = statisticsRow.parse(rows[0]);
  const { labelled, discarded, disputed, claimed } = counted;
  return {
    items: { pending: items - labelled - discarded - disputed - claimed, ...counted },
    oldestWaitingMs: oldest_ms,
  };
}

/** Counts the opinions since a time that stand, by reviewer. */
export async function progress(connection: Connection, sinceMs: number): Promise<ReviewerProgress[]> {
  const { rows } = await connection.run(PROGRESS, { sinceMs });
  return z.array(progressRow).parse(rows);
}

/** Reads what happened to an item. */
export async function history(connection: Connection, id: string): Promise<HistoryEvent[] | null> {
  const found = await connection.run(findItem, { id });
  if (found.rows.length === 0) return null;
  const { created_ms, exported_ms } = itemRow.parse(found.rows[0]);
  const { rows } = await connection.run(findEvents, { id });
  return historyOf(created_ms, z.array(eventRow).parse(rows), exported_ms);
}

/** Counts the automatic decisions of a window and their labelled audits. */
export async function auditOutcomes(connection: Connection, window: AuditWindow): Promise<AuditOutcomes> {
  const values = { ...window };
  const [decisions, outcomes] = await Promise.all([
    connection.run(AUTO_DECISIONS, values),
    connection.run(AUDIT_OUTCOMES, values),
  ]);
  return {
    autoDecisions: decisionsRow.parse(decisions.rows[0]).decisions,
    outcomes: z.array(outcomeRow).parse(outcomes.rows),
  };
}
