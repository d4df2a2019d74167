import { DAY_MS } from '../day-counts.ts';
import { OTHER_STREAMS } from '../stream-group.ts';
import { auditVerdicts, JUDGED, VERDICT } from './audit-verdicts.ts';
import { BY_REASON } from './by-reason.ts';
import type { Dialect } from './dialect.ts';

/** The group of the stream of a row `p` of predictions. */
export const groupOf = <Query>({ among }: Dialect<Query>): string =>
  `CASE WHEN ${among('p.stream', ':streams')} THEN p.stream ELSE '${OTHER_STREAMS}' END AS stream`;

/** In the words of the index items_audited. */
const AUDITED = 'i.inclusion_probability IS NOT NULL AND i.decided_ms IS NOT NULL';

const dayOf = (ms: string): string => `${ms} - ${ms} % ${DAY_MS}`;

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
      `SELECT verdict, stream, inclusion_probability, count(*) AS count
       FROM (${auditVerdicts(dialect, ['open', ...JUDGED], groupOf(dialect))}) audits
       WHERE verdict IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 2, 1 DESC, 3`,
      'audit_outcomes',
    ),
    /**
     * A range of items_audited in its order, and a look-up by primary key each.
     */
    auditLabels: query(
      `SELECT i.id, i.decided_ms, p.created_ms, p.gate_id, p.stream, ${VERDICT} AS verdict,
         i.inclusion_probability
       FROM items i ${inOrder} predictions p ON p.id = i.prediction_id
       WHERE ${AUDITED} AND i.model_digest = :modelDigest
         AND (i.decided_ms, i.id) > (${typed(':decidedMs', 'bigint')}, ${typed(':itemId', 'text')})
       ORDER BY i.decided_ms, i.id LIMIT ${typed(':limit', 'bigint')}`,
      'audit_labels',
    ),
    /** Counts a range of items_audited, which holds all that is read. */
    auditLabelsBefore: query(
      `SELECT count(*) AS labels FROM items i
       WHERE ${AUDITED} AND i.model_digest = :modelDigest
         AND (i.decided_ms, i.id) <= (${typed(':decidedMs', 'bigint')}, ${typed(':itemId', 'text')})`,
      'audit_labels_before',
    ),
    dayOutcomes: query(
      `SELECT day_ms, verdict, inclusion_probability, stream, count(*) AS count
       FROM (${auditVerdicts(
         dialect,
         JUDGED,
         `${dayOf('p.created_ms')} AS day_ms, ${groupOf(dialect)}`,
         `AND p.created_ms < ${sinceMs} + ${typed(':days', 'bigint')} * ${DAY_MS}`,
       )}) audits
       WHERE verdict IN ('right', 'wrong') GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 2 DESC, 3`,
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
         CASE i.outcome WHEN 'labelled' THEN i.label END AS label,
         CASE i.outcome WHEN 'discarded' THEN i.finding END AS finding
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
