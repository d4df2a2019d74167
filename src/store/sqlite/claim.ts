import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Claim, ClaimRequest } from '../reviewing.ts';
import { BY_REASON } from '../shared/by-reason.ts';
import { freeAt } from '../shared/live-leases.ts';
import { storedColumns, storedRows } from '../shared/stored-rows.ts';
import { dialect } from './dialect.ts';
import type { AppendEvent } from './history.ts';

/** Items of the model that nobody holds and on which this reviewer has said nothing. */
const FREE = `
  outcome = 'open' AND model_digest = :modelDigest AND ${freeAt(':now')}
  AND NOT EXISTS (SELECT 1 FROM opinions WHERE opinions.id = items.id AND opinions.reviewer = :reviewer)`;

/**
 * Chooses and leases in one statement, so that no moment lies between seeing that an item is free and taking
 * it.
 *
 * The groups, in their order: 0, what is assigned to this reviewer; 1, what waits for anyone and this
 * reviewer has not skipped: the model's part of items_waiting, walked from its start past the live leases,
 * this reviewer's skips and opinions; 2, what the reviewer skipped, longest ago first, from
 * skips_by_reviewer; 3, what is assigned to others.
 *
 * Behind 10,000 live leases the walk takes 0.3 ms. Separate indexes of free and of leased items save that
 * walk, but the lapsed leases must then be merged in and sorted: 1.4 ms for 10,000, which here cost nothing.
 */
export const CLAIM = claimSql('');

/** The same without audits. */
const CLAIM_BY_REASON = claimSql(`AND ${BY_REASON}`);

function claimSql(also: string): string {
  return `
  UPDATE items
  SET lease = new_lease(), reviewer = :reviewer, lease_expires_ms = :now + :leaseMs, claims = claims + 1
  WHERE id IN (
    SELECT id FROM (
      SELECT * FROM (
        SELECT id, 0 AS part, NULL AS skipped_ms, rank, created_ms FROM items
        WHERE ${FREE} ${also} AND assigned_to IS NOT NULL AND assigned_to = :reviewer
        ORDER BY rank, created_ms, id LIMIT :limit)
      UNION ALL
      SELECT * FROM (
        SELECT id, 1 AS part, NULL AS skipped_ms, rank, created_ms FROM items
        WHERE ${FREE} ${also} AND assigned_to IS NULL
          AND NOT EXISTS (SELECT 1 FROM skips WHERE skips.id = items.id AND skips.reviewer = :reviewer)
        ORDER BY rank, created_ms, id LIMIT :limit)
      UNION ALL
      SELECT * FROM (
        SELECT skips.id, 2 AS part, skipped_ms, rank, created_ms
        FROM skips CROSS JOIN items ON items.id = skips.id
        WHERE skips.reviewer = :reviewer AND ${FREE} ${also} AND assigned_to IS NULL
        ORDER BY skipped_ms, rank, created_ms, skips.id LIMIT :limit)
      UNION ALL
      SELECT * FROM (
        SELECT id, 3 AS part, NULL AS skipped_ms, rank, created_ms FROM items
        WHERE ${FREE} ${also} AND assigned_to IS NOT NULL AND assigned_to <> :reviewer
        ORDER BY rank, created_ms, id LIMIT :limit)
    )
    ORDER BY part, skipped_ms, rank, created_ms, id LIMIT :limit
  )
  RETURNING id, rank, created_ms, assigned_to,
    (SELECT skipped_ms FROM skips WHERE skips.id = items.id AND skips.reviewer = :reviewer) AS skipped_ms`;
}

/**
 * RETURNING tells nothing of the rows' order and cannot join, so what was claimed is read again by its ids.
 */
const READ = `
  SELECT ${storedColumns(dialect)} FROM items i JOIN predictions p ON p.id = i.prediction_id WHERE i.id = :id`;

const { claimed: claimOf } = storedRows(dialect);

const claimedRow = z
  .object({
    id: z.string(),
    rank: z.number(),
    created_ms: z.number(),
    assigned_to: z.string().nullable(),
    skipped_ms: z.number().nullable(),
  })
  .transform(({ assigned_to, skipped_ms, ...row }) => ({
    ...row,
    assignedTo: assigned_to,
    // A skip of what is assigned does not count.
    skippedMs: assigned_to === null ? skipped_ms : null,
  }));

type ClaimedRow = z.infer<typeof claimedRow>;

/**
 * Leases up to `limit` waiting items of one model to `reviewer`, in the order in which they should be looked
 * at.
 */
export function prepareClaim(db: Database, newToken: () => string, append: AppendEvent) {
  db.function('new_lease', { directOnly: true }, newToken);
  type Values = Omit<ClaimRequest, 'withoutAudits'> & { readonly now: number };
  const claim = db.prepare<[Values]>(CLAIM);
  const claimByReason = db.prepare<[Values]>(CLAIM_BY_REASON);
  const read = prepareReadClaim(db);

  return ({ withoutAudits, ...request }: ClaimRequest, now: number): Claim[] => {
    const statement = withoutAudits === true ? claimByReason : claim;
    const claimed = z.array(claimedRow).parse(statement.all({ ...request, now }));
    return claimed.sort(inReviewOrderFor(request.reviewer)).map(({ id }) => {
      append(id, now, 'claimed', request.reviewer);
      return read(id, now);
    });
  };
}

/** Reads an item that is leased, with its lease. */
export function prepareReadClaim(db: Database): (id: string, now: number) => Claim {
  const read = db.prepare(READ);
  return (id, now) => claimOf(read.get({ id, now }));
}

function inReviewOrderFor(reviewer: string): (a: ClaimedRow, b: ClaimedRow) => number {
  const partOf = ({ assignedTo, skippedMs }: ClaimedRow): number => {
    if (assignedTo !== null) return assignedTo === reviewer ? 0 : 3;
    return skippedMs === null ? 1 : 2;
  };
  return (a, b) =>
    partOf(a) - partOf(b) ||
    (a.skippedMs ?? 0) - (b.skippedMs ?? 0) ||
    a.rank - b.rank ||
    a.created_ms - b.created_ms ||
    (a.id < b.id ? -1 : 1);
}
