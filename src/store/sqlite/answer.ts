import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { DOUBTED, type Finding } from '../opinions.ts';
import type { LeaseOutcome } from '../reviewing.ts';
import { isDoubt, NEXT_PLACES } from '../shared/doubts.ts';
import type { AppendEvent } from './history.ts';
import { prepareRefusal } from './lease-outcome.ts';

/** What a person says of an item they hold. */
export interface Answer {
  readonly reviewer: string;
  /** Null: there is a finding, or the image is unusable. */
  readonly label: string | null;
  readonly finding: Finding | null;
  readonly note: string | null;
}

/**
 * Found by primary key, with how many have answered, how many the same, and how many that the machine is
 * wrong.
 */
const HELD = `
  SELECT agree, most, settles, i.inclusion_probability IS NOT NULL AS audit, predicted_label AS predicted,
    (SELECT count(*) FROM opinions o WHERE o.id = i.id) AS given,
    (SELECT count(*) FROM opinions o
     WHERE o.id = i.id AND o.label IS :label AND o.finding IS :finding) AS alike,
    (SELECT count(*) FROM opinions o WHERE o.id = i.id AND ${isDoubt('o', 'predicted_label')}) AS doubts
  FROM items i CROSS JOIN predictions p ON p.id = i.prediction_id
  WHERE i.id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open'`;

const REPEATED = `
  SELECT 1 FROM opinions WHERE id = :id AND reviewer = :reviewer AND lease = :lease AND label IS :label
    AND finding IS :finding`;

/**
 * What follows from the outcome (totals, reasons, skips, the label to export) is done by the trigger
 * item_decided.
 */
const CLOSE = `
  UPDATE items
  SET outcome = :outcome, label = iif(:outcome = 'labelled', :label, NULL),
    finding = iif(:outcome = 'discarded', :finding, NULL), decided_by = :reviewer, decided_ms = :now,
    note = :note, assigned_to = NULL, lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

const PASS_ON = `
  UPDATE items
  SET assigned_to = nullif(assigned_to, :reviewer), lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

/**
 * An audit that a second person is to look at stands anywhere among what waits next: at its old place, before
 * all that the first has left behind, the next one would know what it is.
 */
const PLACE = `
  SELECT rank FROM (
    SELECT rank FROM items
    WHERE model_digest = (SELECT model_digest FROM items WHERE id = :id) AND outcome = 'open'
      AND assigned_to IS NULL AND id <> :id
    ORDER BY rank, created_ms, id LIMIT ${NEXT_PLACES})
  ORDER BY random() LIMIT 1`;

const heldRow = z
  .object({
    ...{ agree: z.number(), most: z.number(), settles: z.number(), given: z.number(), alike: z.number() },
    ...{ audit: z.number(), predicted: z.string().nullable(), doubts: z.number() },
  })
  .optional();
const placeRow = z.object({ rank: z.number() }).optional();

/** Gives an opinion on an item that is held, and decides the item where it is the last one needed. */
export function prepareAnswer(db: Database, append: AppendEvent) {
  const held = db.prepare(HELD);
  const repeated = db.prepare(REPEATED);
  const insert = db.prepare(`
    INSERT INTO opinions (id, reviewer, label, finding, note, given_ms, lease, undecided)
    VALUES (:id, :reviewer, :label, :finding, :note, :now, :lease, :undecided)`);
  const place = db.prepare(PLACE);
  const move = ['items', 'item_reasons'].map((table) =>
    db.prepare(`UPDATE ${table} SET rank = :rank WHERE id = :id`),
  );
  const close = db.prepare(CLOSE);
  const passOn = db.prepare(PASS_ON);
  const refusal = prepareRefusal(db);

  return (id: string, lease: string, answer: Answer, now: number): LeaseOutcome => {
    const { reviewer, label, finding, note } = answer;
    const said = { label, finding };
    const item = heldRow.parse(held.get({ id, lease, reviewer, ...said }));
    if (item === undefined)
      return repeated.get({ id, reviewer, lease, ...said }) === undefined ? refusal(id) : 'done';
    const isDoubted = item.audit === 1 && (item.doubts > 0 || doubts(said, item.predicted));
    const agree = isDoubted ? Math.max(item.agree, DOUBTED.agree) : item.agree;
    const most = isDoubted ? Math.max(item.most, DOUBTED.most) : item.most;
    const agreed = item.settles === 1 || item.alike + 1 >= agree;
    insert.run({ id, reviewer, ...said, note, now, lease, undecided: agreed ? 0 : 1 });
    append(id, now, finding ?? (label === null ? 'discarded' : 'labelled'), reviewer, label ?? note);
    if (agreed || item.given + 1 >= most) {
      const outcome = !agreed ? 'disputed' : label === null ? 'discarded' : 'labelled';
      close.run({ id, outcome, ...said, reviewer, note, now });
      return 'done';
    }
    passOn.run({ id, reviewer });
    const next = isDoubted && item.given === 0 ? placeRow.parse(place.get({ id })) : undefined;
    if (next !== undefined) for (const one of move) one.run({ id, ...next });
    return 'done';
  };
}

/** Whether the answer is that the machine is wrong. */
function doubts({ label, finding }: Pick<Answer, 'label' | 'finding'>, predicted: string | null): boolean {
  return finding === 'none_of_these' || (label !== null && predicted !== null && label !== predicted);
}
