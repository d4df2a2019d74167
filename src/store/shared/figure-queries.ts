import { DAY_MS } from '../day-counts.ts';
import { OTHER_STREAMS } from '../stream-group.ts';
import { BY_REASON } from './by-reason.ts';
import type { Dialect } from './dialect.ts';

/**
 * Labelled audits of the automatic decisions since a time: a range of item_reasons_by_created, since an audit
 * enters the queue after the decision, and look-ups by primary key.
 */
function audits<Query>({ inOrder, equal, typed }: Dialect<Query>): string {
  return `
    FROM item_reasons ${inOrder} items i ON i.id = item_reasons.id
      ${inOrder} predictions p ON p.id = i.prediction_id
    WHERE item_reasons.reason = 'audit' AND item_reasons.outcome = 'labelled'
      AND item_reasons.created_ms >= ${typed(':sinceMs', 'bigint')}
      AND p.created_ms >= ${typed(':sinceMs', 'bigint')}
      AND p.decision = 'auto' AND p.model_digest = :modelDigest AND ${equal('p.gate_id', ':gateId')}`;
}

const AGREES = 'p.predicted_label IS NOT DISTINCT FROM i.label AS agrees';

/** The group of the stream of a row `p` of predictions. */
export const groupOf = <Query>({ among }: Dialect<Query>): string =>
  `CASE WHEN ${among('p.stream', ':streams')} THEN p.stream ELSE '${OTHER_STREAMS}' END AS stream`;

/** In the words of the index items_audited. */
const AUDITED = 'i.inclusion_probability IS NOT NULL AND i.decided_ms IS NOT NULL';

/** The queries of figures that read the same in every database. */
export function figureQueries<Query>(dialect: Dialect<Query>) {
  const { query, typed, equal, among, answered, held, inOrder } = dialect;
  const sinceMs = typed(':sinceMs', 'bigint');
  return {
    /** A range of opinions_by_time, which holds all that is read. */
    progress: query(
      `SELECT reviewer, count(label) AS labelled, count(*) - count(label) AS discarded
       FROM opinions WHERE given_ms >= ${sinceMs} GROUP BY reviewer ORDER BY reviewer`,
      'progress',
    ),
    /**
     * Of the items that are not final, those which the reviewer has answered are a range of
     * opinions_undecided, audits ranges of item_reasons, and what is held is a range of items_leased.
     */
    waitingFor: (withoutAudits: boolean) => {
      const byReason = withoutAudits ? `AND ${BY_REASON}` : '';
      const audits = `(
        SELECT count(*) FROM item_reasons WHERE reason = 'audit' AND outcome IN ('open', 'disputed'))`;
      return query(
        `SELECT (SELECT sum(items - labelled - discarded) FROM totals)
           - ${withoutAudits ? audits : '0'} - (
           SELECT count(*) FROM ${answered('true')}
           AND items.outcome IN ('open', 'disputed') ${byReason}) AS waiting,
           (SELECT count(*) FROM ${held} AND items.reviewer = :seenBy ${byReason}) AS claimed`,
        withoutAudits ? 'waiting_by_reason' : 'waiting',
      );
    },
    /** Counts a range of predictions_auto. */
    autoDecisions: query(
      `SELECT count(*) AS decisions FROM predictions
       WHERE decision = 'auto' AND model_digest = :modelDigest AND ${equal('gate_id', ':gateId')}
         AND created_ms >= ${sinceMs}`,
      'auto_decisions',
    ),
    auditOutcomes: query(
      `SELECT ${groupOf(dialect)}, ${AGREES}, i.inclusion_probability, count(*) AS count ${audits(dialect)}
       GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      'audit_outcomes',
    ),
    /**
     * A range of items_audited in its order, and a look-up by primary key each.
     */
    auditLabels: query(
      `SELECT i.id, i.decided_ms, p.created_ms, p.gate_id, p.stream, ${AGREES}, i.inclusion_probability
       FROM items i ${inOrder} predictions p ON p.id = i.prediction_id
       WHERE ${AUDITED} AND i.model_digest = :modelDigest AND i.outcome = 'labelled' AND p.decision = 'auto'
         AND (i.decided_ms, i.id) > (${typed(':decidedMs', 'bigint')}, ${typed(':itemId', 'text')})
       ORDER BY i.decided_ms, i.id LIMIT ${typed(':limit', 'bigint')}`,
      'audit_labels',
    ),
    /** Counts a range of items_audited, which holds all that is read. */
    auditLabelsBefore: query(
      `SELECT count(*) AS labels FROM items i
       WHERE ${AUDITED} AND i.model_digest = :modelDigest AND i.outcome = 'labelled'
         AND (i.decided_ms, i.id) <= (${typed(':decidedMs', 'bigint')}, ${typed(':itemId', 'text')})`,
      'audit_labels_before',
    ),
    dayOutcomes: query(
      `SELECT p.created_ms - p.created_ms % ${DAY_MS} AS day_ms, ${AGREES},
         i.inclusion_probability, ${groupOf(dialect)}, count(*) AS count
       ${audits(dialect)} AND p.created_ms < ${sinceMs} + ${typed(':days', 'bigint')} * ${DAY_MS}
       GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 2, 3`,
      'day_outcomes',
    ),
    /** Of one day and each named stream: ranges of predictions_of_stream, which holds all that is read. */
    dayStreams: query(
      `SELECT stream, decision, count(*) AS count FROM predictions
       WHERE ${among('stream', ':streams')} AND decision IN ('auto', 'review')
         AND model_digest = :modelDigest AND ${equal('gate_id', ':gateId')}
         AND created_ms >= ${typed(':dayMs', 'bigint')} AND created_ms < ${typed(':dayMs', 'bigint')} + ${DAY_MS}
       GROUP BY stream, decision`,
      'day_streams',
    ),
    /**
     * From the newest id backwards, and a look-up by primary key each: no more rows are read than are wanted
     * of the one model served.
     */
    recentDecisions: query(
      `SELECT p.decision, p.predicted_label, p.answer,
         CASE i.outcome WHEN 'labelled' THEN i.label END AS label
       FROM predictions p LEFT JOIN items i ON i.id = p.item_id
       WHERE p.model_digest = :modelDigest ORDER BY p.id DESC LIMIT ${typed(':limit', 'bigint')}`,
      'recent',
    ),
  };
}

/**
 * The counts of the day that begins at `day`. Each is a range of an index that holds all that is read:
 * opinions_by_time, predictions_auto, predictions_flagged.
 */
export function dayColumns<Query>({ equal }: Dialect<Query>, day: string): string {
  const within = (column: string): string => `${column} >= ${day} AND ${column} < ${day} + ${DAY_MS}`;
  const decided = (decision: 'auto' | 'review'): string => `(
    SELECT count(*) FROM predictions WHERE decision = '${decision}' AND model_digest = :modelDigest
      AND ${equal('gate_id', ':gateId')} AND ${within('created_ms')})`;
  return `
    ${day} AS day_ms,
    (SELECT count(label) FROM opinions WHERE ${within('given_ms')}) AS labelled,
    (SELECT count(*) - count(label) FROM opinions WHERE ${within('given_ms')}) AS discarded,
    ${decided('review')} AS flagged,
    ${decided('auto')} AS automatic`;
}
