import type { LeaseOutcome } from '../reviewing.ts';
import type { Connection } from './connection.ts';
import { refusal } from './leases.ts';
import { NOW, statement } from './sql.ts';

/** What a person says of an item they hold. */
export interface Answer {
  readonly reviewer: string;
  /** Null: the image is unusable. */
  readonly label: string | null;
  readonly note: string | null;
}

/**
 * Gives the opinion and decides the item where it is the last one needed, in one statement.
 *
 * `held` waits for the row and looks at its latest version; the opinions are counted as they were when the
 * statement began. That is enough: whatever changes an item's opinions takes its token away, and this token
 * was given out before.
 *
 * What follows from the outcome (totals, reasons, skips, the label to export) is done by the trigger
 * item_decided.
 */
const ANSWER = `
  WITH held AS MATERIALIZED (
    SELECT id, agree, most, settles FROM items
    WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open' FOR NO KEY UPDATE),
  standing AS MATERIALIZED (
    SELECT count(*) AS given, count(*) FILTER (WHERE label IS NOT DISTINCT FROM :label::text) AS alike
    FROM opinions WHERE id = :id),
  verdict AS MATERIALIZED (
    SELECT id, CASE
      WHEN settles OR alike + 1 >= agree
        THEN CASE WHEN :label::text IS NULL THEN 'discarded' ELSE 'labelled' END
      WHEN given + 1 >= most THEN 'disputed' ELSE 'open' END AS outcome
    FROM held CROSS JOIN standing),
  opinion AS (
    INSERT INTO opinions (id, reviewer, label, note, given_ms, lease, undecided)
    SELECT id, :reviewer, :label::text, :note::text, ${NOW}, :lease, outcome IN ('open', 'disputed')
    FROM verdict),
  event AS (
    INSERT INTO events (id, at_ms, act, who, detail)
    SELECT id, ${NOW}, CASE WHEN :label::text IS NULL THEN 'discarded' ELSE 'labelled' END, :reviewer,
      coalesce(:label::text, :note::text)
    FROM held)
  UPDATE items SET
    outcome = verdict.outcome,
    label = CASE WHEN verdict.outcome = 'labelled' THEN :label::text END,
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
   WHERE id = :id AND reviewer = :reviewer AND lease = :lease AND label IS NOT DISTINCT FROM :label::text`,
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
