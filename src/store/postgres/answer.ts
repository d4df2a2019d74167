import { DOUBTED, type Finding } from '../opinions.ts';
import type { LeaseOutcome } from '../reviewing.ts';
import { isDoubt, NEXT_PLACES } from '../shared/doubts.ts';
import type { Connection } from './connection.ts';
import { refusal } from './leases.ts';
import { NOW, statement } from './sql.ts';

/** What a person says of an item they hold. */
export interface Answer {
  readonly reviewer: string;
  /** Null: there is a finding, or the image is unusable. */
  readonly label: string | null;
  readonly finding: Finding | null;
  readonly note: string | null;
}

/**
 * Gives the opinion and decides the item where it is the last one needed, in one statement.
 *
 * `held` waits for the row and looks at its latest version; the opinions are counted as they were when the
 * statement began. That is enough: whatever changes an item's opinions takes its token away, and this token
 * was given out before.
 *
 * An audit of which somebody says that the machine is wrong is wanted of more people, and stands anywhere
 * among what waits next: at its old place, before all that the first has left behind, the next one would know
 * what it is.
 *
 * What follows from the outcome (totals, reasons, skips, the label to export) is done by the trigger
 * item_decided.
 */
const ANSWER = `
  WITH held AS MATERIALIZED (
    SELECT id, model_digest, agree, most, settles, inclusion_probability IS NOT NULL AS audit,
      (SELECT predicted_label FROM predictions p WHERE p.id = items.prediction_id) AS predicted
    FROM items
    WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open' FOR NO KEY UPDATE),
  standing AS MATERIALIZED (
    SELECT count(o.id) AS given,
      count(o.id) FILTER (WHERE o.label IS NOT DISTINCT FROM :label::text
        AND o.finding IS NOT DISTINCT FROM :finding::text) AS alike,
      bool_or(held.audit AND (coalesce(${isDoubt('said', 'held.predicted')}, false)
        OR coalesce(${isDoubt('o', 'held.predicted')}, false))) AS doubted
    FROM held CROSS JOIN (SELECT :label::text AS label, :finding::text AS finding) said
      LEFT JOIN opinions o ON o.id = held.id),
  verdict AS MATERIALIZED (
    SELECT id, model_digest, doubted AND given = 0 AS first_doubt, CASE
      WHEN settles OR alike + 1 >= CASE WHEN doubted THEN greatest(agree, ${DOUBTED.agree}) ELSE agree END
        THEN CASE WHEN :label::text IS NULL THEN 'discarded' ELSE 'labelled' END
      WHEN given + 1 >= CASE WHEN doubted THEN greatest(most, ${DOUBTED.most}) ELSE most END
        THEN 'disputed' ELSE 'open' END AS outcome
    FROM held CROSS JOIN standing),
  place AS MATERIALIZED (
    SELECT rank FROM (
      SELECT rank FROM items
      WHERE waiting_model = (SELECT model_digest FROM verdict WHERE first_doubt AND outcome = 'open')
        AND id <> :id
      ORDER BY rank, created_ms, id LIMIT ${NEXT_PLACES}) near
    ORDER BY random() LIMIT 1),
  reasons AS (
    UPDATE item_reasons SET rank = place.rank FROM place WHERE item_reasons.id = :id),
  opinion AS (
    INSERT INTO opinions (id, reviewer, label, finding, note, given_ms, lease, undecided)
    SELECT id, :reviewer, :label::text, :finding::text, :note::text, ${NOW}, :lease,
      outcome IN ('open', 'disputed')
    FROM verdict),
  event AS (
    INSERT INTO events (id, at_ms, act, who, detail)
    SELECT id, ${NOW},
      coalesce(:finding::text, CASE WHEN :label::text IS NULL THEN 'discarded' ELSE 'labelled' END),
      :reviewer, coalesce(:label::text, :note::text)
    FROM held)
  UPDATE items SET
    outcome = verdict.outcome,
    label = CASE WHEN verdict.outcome = 'labelled' THEN :label::text END,
    finding = CASE WHEN verdict.outcome = 'discarded' THEN :finding::text END,
    rank = coalesce((SELECT rank FROM place), items.rank),
    decided_by = CASE WHEN verdict.outcome <> 'open' THEN :reviewer END,
    decided_ms = CASE WHEN verdict.outcome <> 'open' THEN ${NOW} END,
    note = CASE WHEN verdict.outcome <> 'open' THEN :note::text END,
    assigned_to = CASE WHEN verdict.outcome = 'open' THEN nullif(items.assigned_to, :reviewer) END,
    answered = array_append(items.answered, :reviewer::text),
    lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  FROM verdict WHERE items.id = verdict.id`;

const giveAnswer = statement('answer', ANSWER);

const repeatedAnswer = statement(
  'repeated_answer',
  `SELECT 1 FROM opinions
   WHERE id = :id AND reviewer = :reviewer AND lease = :lease AND label IS NOT DISTINCT FROM :label::text
     AND finding IS NOT DISTINCT FROM :finding::text`,
);

export async function answer(
  connection: Connection,
  id: string,
  lease: string,
  given: Answer,
  now: number | null,
): Promise<LeaseOutcome> {
  const values = { id, lease, ...given, now };
  const { changed } = await connection.run(giveAnswer, values);
  if (changed === 1) return 'done';
  const repeated = await connection.run(repeatedAnswer, values);
  return repeated.rows.length === 1 ? 'done' : refusal(connection, id);
}
