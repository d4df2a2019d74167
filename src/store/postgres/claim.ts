import type { Claim, ClaimRequest } from '../reviewing.ts';
import { BY_REASON } from '../shared/by-reason.ts';
import { freeAt } from '../shared/live-leases.ts';
import { storedColumns, storedRows } from '../shared/stored-rows.ts';
import type { Connection } from './connection.ts';
import { dialect } from './dialect.ts';
import { NOW, type Statement, statement } from './sql.ts';

/** What a claim reads of the items `i` and predictions `p` that are taken. */
export const CLAIM_COLUMNS = storedColumns(dialect);
export const { claimed } = storedRows(dialect);

/** Open items that nobody holds and on which this reviewer has said nothing. */
const FREE = `
  ${freeAt(NOW)}
  AND :reviewer <> ALL (answered)`;

/**
 * Chooses and leases in one statement, so that no moment lies between seeing that an item is free and taking
 * it.
 *
 * The parts, in their order: what is assigned to this reviewer; what waits for anyone and this reviewer has
 * not skipped: the model's part of items_waiting, walked from its start past the live leases, this reviewer's
 * skips and opinions; what the reviewer skipped, longest ago first; what is assigned to others.
 *
 * SKIP LOCKED passes over what another claim is about to lease, so that 64 reviewers never wait for each
 * other. Each part is asked for no more than the parts before it have left over: a row that was locked and
 * not leased would be passed over by others as if it were taken, and "nothing waits" would be wrong. The
 * limit inside is a literal, because from an unknown one the planner expects a tenth of the table and sorts
 * it.
 */
function claimSql(limit: number, withoutAudits: boolean): string {
  const free = withoutAudits ? `${FREE} AND ${BY_REASON}` : FREE;
  const part = (sql: string, before: readonly string[]): string => {
    const taken = before.map((name) => ` - (SELECT count(*) FROM ${name})`).join('');
    return `AS MATERIALIZED (SELECT * FROM (${sql} LIMIT ${limit} FOR NO KEY UPDATE OF items SKIP LOCKED) one
      LIMIT ${limit}${taken})`;
  };
  const columns = (skipped: string) => `items.id, ${skipped} AS skipped_ms, items.rank, items.created_ms`;
  const inOrder = 'ORDER BY rank, created_ms, id';
  return `
  WITH mine ${part(
    `SELECT ${columns('NULL::bigint')} FROM items
     WHERE assigned_model = :modelDigest AND assigned_to = :reviewer AND ${free} ${inOrder}`,
    [],
  )},
  waiting ${part(
    `SELECT ${columns('NULL::bigint')} FROM items
     WHERE waiting_model = :modelDigest AND ${free}
       AND NOT EXISTS (SELECT 1 FROM skips WHERE skips.id = items.id AND skips.reviewer = :reviewer)
     ${inOrder}`,
    ['mine'],
  )},
  skipped ${part(
    `SELECT ${columns('skips.skipped_ms')} FROM skips JOIN items ON items.id = skips.id
     WHERE skips.reviewer = :reviewer AND waiting_model = :modelDigest AND ${free}
     ORDER BY skips.skipped_ms, items.rank, items.created_ms, items.id`,
    ['mine', 'waiting'],
  )},
  others ${part(
    `SELECT ${columns('NULL::bigint')} FROM items
     WHERE assigned_model = :modelDigest AND assigned_to <> :reviewer AND ${free} ${inOrder}`,
    ['mine', 'waiting', 'skipped'],
  )},
  chosen AS (
    SELECT 0 AS part, * FROM mine UNION ALL SELECT 1, * FROM waiting
    UNION ALL SELECT 2, * FROM skipped UNION ALL SELECT 3, * FROM others),
  claimed AS (
    UPDATE items
    SET lease = ${NEW_LEASE}, reviewer = :reviewer, lease_expires_ms = ${NOW} + :leaseMs, claims = claims + 1
    FROM chosen WHERE items.id = chosen.id
    RETURNING items.*, chosen.part, chosen.skipped_ms),
  event AS (
    INSERT INTO events (id, at_ms, act, who) SELECT id, ${NOW}, 'claimed', :reviewer FROM claimed)
  SELECT ${CLAIM_COLUMNS} FROM claimed i JOIN predictions p ON p.id = i.prediction_id
  ORDER BY i.part, i.skipped_ms, i.rank, i.created_ms, i.id`;
}

/** 244 random bits. */
export const NEW_LEASE = `replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')`;

/** Limits for which the server keeps a prepared statement on each connection: those that HTTP takes. */
const PREPARED = 100;
const prepared = new Map<string, Statement>();

/** The statement that claims up to `limit` items. */
export function claimStatement(limit: number, withoutAudits = false): Statement {
  const name = `claim_${withoutAudits ? 'by_reason_' : ''}${limit}`;
  const known = prepared.get(name);
  if (known !== undefined) return known;
  const made = statement(limit <= PREPARED ? name : '', claimSql(limit, withoutAudits));
  if (limit <= PREPARED) prepared.set(name, made);
  return made;
}

/**
 * Leases up to `limit` waiting items of one model to `reviewer`, in the order in which they should be looked
 * at.
 */
export async function claim(
  connection: Connection,
  { limit, withoutAudits, ...request }: ClaimRequest,
  now: number | null,
): Promise<Claim[]> {
  const { rows } = await connection.run(claimStatement(Math.trunc(limit), withoutAudits), {
    ...request,
    now,
  });
  return rows.map(claimed);
}
