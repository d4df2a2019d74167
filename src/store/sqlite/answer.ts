import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { LeaseOutcome } from '../reviewing.ts';
import type { AppendEvent } from './history.ts';
import { prepareRefusal } from './lease-outcome.ts';

/** What a person says of an item they hold. */
export interface Answer {
  readonly reviewer: string;
  /** Null: the image is unusable. */
  readonly label: string | null;
  readonly note: string | null;
}

/** Found by primary key, with how many have answered and how many the same. */
const HELD = `
  SELECT agree, most, settles,
    (SELECT count(*) FROM opinions WHERE opinions.id = items.id) AS given,
    (SELECT count(*) FROM opinions WHERE opinions.id = items.id AND opinions.label IS :label) AS alike
  FROM items
  WHERE id = :id AND lease = :lease AND reviewer = :reviewer AND outcome = 'open'`;

const REPEATED = `
  SELECT 1 FROM opinions WHERE id = :id AND reviewer = :reviewer AND lease = :lease AND label IS :label`;

/**
 * What follows from the outcome (totals, reasons, skips, the label to export) is done by the trigger
 * item_decided.
 */
const CLOSE = `
  UPDATE items
  SET outcome = :outcome, label = iif(:outcome = 'labelled', :label, NULL), decided_by = :reviewer,
    decided_ms = :now,
    note = :note, assigned_to = NULL, lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

const PASS_ON = `
  UPDATE items
  SET assigned_to = nullif(assigned_to, :reviewer), lease = NULL, reviewer = NULL, lease_expires_ms = NULL
  WHERE id = :id`;

const heldRow = z
  .object({ agree: z.number(), most: z.number(), settles: z.number(), given: z.number(), alike: z.number() })
  .optional();

/** Gives an opinion on an item that is held, and decides the item where it is the last one needed. */
export function prepareAnswer(db: Database, append: AppendEvent) {
  const held = db.prepare(HELD);
  const repeated = db.prepare(REPEATED);
  const insert = db.prepare(`
    INSERT INTO opinions (id, reviewer, label, note, given_ms, lease, undecided)
    VALUES (:id, :reviewer, :label, :note, :now, :lease, :undecided)`);
  const close = db.prepare(CLOSE);
  const passOn = db.prepare(PASS_ON);
  const refusal = prepareRefusal(db);

  return (id: string, lease: string, answer: Answer, now: number): LeaseOutcome => {
    const { reviewer, label, note } = answer;
    const item = heldRow.parse(held.get({ id, lease, reviewer, label }));
    if (item === undefined)
      return repeated.get({ id, reviewer, lease, label }) === undefined ? refusal(id) : 'done';
    const agreed = item.settles === 1 || item.alike + 1 >= item.agree;
    insert.run({ id, reviewer, label, note, now, lease, undecided: agreed ? 0 : 1 });
    append(id, now, label === null ? 'discarded' : 'labelled', reviewer, label ?? note);
    if (agreed || item.given + 1 >= item.most) {
      const outcome = !agreed ? 'disputed' : label === null ? 'discarded' : 'labelled';
      close.run({ id, outcome, label, reviewer, note, now });
    } else passOn.run({ id, reviewer });
    return 'done';
  };
}
