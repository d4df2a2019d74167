import type { Dialect } from './dialect.ts';
import { isDoubt } from './doubts.ts';

/**
 * What audits of the automatic decisions since a time have come to (store/audit-outcomes.ts): rows of
 * `verdict`, of `inclusion_probability`, and of the columns that are asked for, of `items i` and
 * `predictions p`. The verdict is null of those of which nobody has said anything yet.
 *
 * For each outcome a range of item_reasons_by_created, since an audit enters the queue after the decision,
 * and look-ups by primary key.
 */
export function auditVerdicts<Query>(
  { inOrder, equal, typed }: Dialect<Query>,
  outcomes: readonly string[],
  columns: string,
  also = '',
): string {
  const withOutcome = (outcome: string): string => `
    SELECT ${VERDICT} AS verdict, i.inclusion_probability, ${columns}
    FROM item_reasons ${inOrder} items i ON i.id = item_reasons.id
      ${inOrder} predictions p ON p.id = i.prediction_id
    WHERE item_reasons.reason = 'audit' AND item_reasons.outcome = '${outcome}'
      AND item_reasons.created_ms >= ${typed(':sinceMs', 'bigint')}
      AND p.created_ms >= ${typed(':sinceMs', 'bigint')}
      AND p.decision = 'auto' AND p.model_digest = :modelDigest AND ${equal('p.gate_id', ':gateId')} ${also}`;
  return outcomes.map(withOutcome).join(' UNION ALL ');
}

/** How many people have said of a row `i` that the machine is wrong. */
const DOUBTS = `(
  SELECT count(*) FROM opinions o WHERE o.id = i.id AND ${isDoubt('o', 'p.predicted_label')})`;

/** Of rows `i` of items and `p` of predictions, whose machine's label is known. */
export const VERDICT = `
  CASE
    WHEN i.outcome = 'labelled' AND i.label = p.predicted_label THEN 'right'
    WHEN i.outcome = 'discarded' AND i.finding IS NULL THEN 'discarded'
    WHEN i.outcome = 'discarded' AND i.finding = 'unreadable' THEN 'unreadable'
    WHEN i.outcome <> 'open' AND ${DOUBTS} >= 2 THEN 'wrong'
    WHEN ${DOUBTS} >= 1 THEN 'unconfirmed'
  END`;

/** Outcomes of items that may have the verdict `right` or `wrong`. */
export const JUDGED = ['labelled', 'discarded', 'disputed'] as const;
