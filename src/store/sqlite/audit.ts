import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { AuditOutcomes, AuditWindow } from '../audit-outcomes.ts';

/** Counts a range of predictions_auto. */
export const AUTO_DECISIONS = `
  SELECT count(*) FROM predictions
  WHERE decision = 'auto' AND model_digest = :modelDigest AND gate_id IS :gateId AND created_ms >= :sinceMs`;

/** A range of item_reasons_by_created, which has labelled audits alone, and look-ups by primary key. */
export const OUTCOMES = `
  SELECT (p.predicted_label IS i.label) AS agrees, p.inclusion_probability, count(*) AS count
  FROM item_reasons r CROSS JOIN predictions p ON p.id = r.id CROSS JOIN items i ON i.id = r.id
  WHERE r.reason = 'audit' AND r.outcome = 'labelled' AND r.created_ms >= :sinceMs
    AND p.decision = 'auto' AND p.model_digest = :modelDigest AND p.gate_id IS :gateId
  GROUP BY agrees, p.inclusion_probability ORDER BY agrees, p.inclusion_probability`;

const outcomeRow = z
  .object({ agrees: z.number(), inclusion_probability: z.number(), count: z.number() })
  .transform(({ agrees, inclusion_probability: inclusionProbability, count }) => ({
    agrees: agrees === 1,
    inclusionProbability,
    count,
  }));

/** Counts the automatic decisions of a window and their labelled audits. */
export function prepareAudit(db: Database) {
  const decisions = db.prepare<[AuditWindow]>(AUTO_DECISIONS).pluck();
  const outcomes = db.prepare<[AuditWindow]>(OUTCOMES);
  return (window: AuditWindow): AuditOutcomes => ({
    autoDecisions: z.number().parse(decisions.get(window)),
    outcomes: z.array(outcomeRow).parse(outcomes.all(window)),
  });
}
