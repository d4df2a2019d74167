import type { Database, Statement } from 'better-sqlite3';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ListFilter, ReviewPage } from '../review-items.ts';
import { STORED_COLUMNS, storedReview } from './rows.ts';

/**
 * A list is one source, or the merge of several, each of which an index gives in the order of the list.
 *
 * Every outcome has a part of its own in the indexes by rank and by creation, of items as of their reasons. What
 * `pending` walks past is the live leases, which are as many as people hold at once, and so is what `claimed` sorts:
 * SQLite would rather walk a million open items in order than sort those few, hence INDEXED BY.
 *
 * What has no index is a reason together with a label: it walks the reason's labelled items and tests each, which
 * on average passes over as many per hit as there are classes.
 */
const sources = {
  open: `items WHERE outcome = 'open'`,
  pending: `items WHERE outcome = 'open' AND (lease_expires_ms IS NULL OR lease_expires_ms <= :now)`,
  claimed: `items INDEXED BY items_leased WHERE outcome = 'open' AND lease_expires_ms > :now`,
  labelled: `items WHERE outcome = 'labelled'`,
  discarded: `items WHERE outcome = 'discarded'`,
  disputed: `items WHERE outcome = 'disputed'`,
  withLabel: 'items WHERE label = :label',
} as const;

const sourcesOfReason = {
  open: `item_reasons WHERE reason = :reason AND outcome = 'open'`,
  pending: `item_reasons WHERE reason = :reason AND outcome = 'open' AND EXISTS (
    SELECT 1 FROM items i WHERE i.id = item_reasons.id AND (i.lease_expires_ms IS NULL OR i.lease_expires_ms <= :now))`,
  claimed: `items INDEXED BY items_leased WHERE outcome = 'open' AND lease_expires_ms > :now AND EXISTS (
    SELECT 1 FROM item_reasons r WHERE r.id = items.id AND r.reason = :reason)`,
  labelled: `item_reasons WHERE reason = :reason AND outcome = 'labelled'`,
  discarded: `item_reasons WHERE reason = :reason AND outcome = 'discarded'`,
  disputed: `item_reasons WHERE reason = :reason AND outcome = 'disputed'`,
  withLabel: `item_reasons WHERE reason = :reason AND outcome = 'labelled' AND EXISTS (
    SELECT 1 FROM items i WHERE i.id = item_reasons.id AND i.label = :label)`,
} as const;

const hasReason = 'items.id IN (SELECT r.id FROM item_reasons r WHERE r.reason = :reason)';
const notAnswered = `NOT EXISTS (SELECT 1 FROM opinions o WHERE o.id = items.id AND o.reviewer = :seenBy)`;
const answered = (how: string) => `(
  SELECT id AS answered_id FROM opinions WHERE reviewer = :seenBy AND undecided = 1 AND ${how}
  ) CROSS JOIN items ON items.id = answered_id WHERE true`;

/** By the states that one reviewer sees: opinions_undecided has the open and disputed items that show their own answer. */
const sourcesSeen = {
  pending: [`${sources.pending} AND ${notAnswered}`, `${sources.disputed} AND ${notAnswered}`],
  claimed: [`${sources.claimed} AND ${notAnswered}`],
  labelled: [sources.labelled, answered('label IS NOT NULL')],
  discarded: [sources.discarded, answered('label IS NULL')],
  disputed: [],
  withLabel: [sources.withLabel, answered('label = :label')],
} as const;

const orders = {
  newest: {
    columns: 'created_ms, id',
    by: 'created_ms DESC, id DESC',
    after: '(created_ms, id) < (:createdMs, :id)',
  },
  most_sensitive: {
    columns: 'rank, created_ms, id',
    by: 'rank, created_ms, id',
    after: '(rank, created_ms, id) > (-:priority, :createdMs, :id)',
  },
} as const;

function sourcesOf({ state, label, reason, seenBy }: ListFilter): readonly string[] {
  if (seenBy !== undefined && (state !== undefined || label !== undefined)) {
    if (label !== undefined && state !== undefined && state !== 'labelled') return [];
    const seen = label === undefined ? sourcesSeen[state!] : sourcesSeen.withLabel;
    return reason === undefined ? seen : seen.map((source) => `${source} AND ${hasReason}`);
  }
  const { withLabel, ...byState } = reason === undefined ? sources : sourcesOfReason;
  // Only labelled items have a label, so that one among others names nothing.
  if (label !== undefined) return state === undefined || state === 'labelled' ? [withLabel] : [];
  if (state !== undefined) return [byState[state]];
  return [byState.open, byState.labelled, byState.discarded, byState.disputed];
}

/** The query for one shape of filter; null where nothing can match it. Rows are joined only for the page. */
export function listSql(filter: ListFilter): string | null {
  const parts = sourcesOf(filter);
  if (parts.length === 0) return null;
  const order = orders[filter.order];
  const after = filter.cursor === undefined ? '' : `AND ${order.after}`;
  const pages = parts.map(
    (part) => `SELECT * FROM (
      SELECT ${order.columns} FROM ${part} ${after} ORDER BY ${order.by} LIMIT :limit)`,
  );
  return `
    SELECT ${STORED_COLUMNS}
    FROM (${pages.join(' UNION ALL ')} ORDER BY ${order.by} LIMIT :limit) page
    CROSS JOIN items i ON i.id = page.id
    CROSS JOIN predictions p ON p.id = page.id
    ORDER BY ${order.by.replaceAll(/\b(?=rank|created_ms|id)/g, 'page.')}`;
}

/** Lists items as they stand at `now`, a page at a time. */
export function prepareList(db: Database) {
  const prepared = new Map<string, Statement>();

  return (filter: ListFilter, now: number): ReviewPage => {
    const after = filter.cursor === undefined ? {} : decodeCursor(filter.order, filter.cursor);
    const sql = listSql(filter);
    if (sql === null) return { items: [], nextCursor: null };
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      prepared.set(sql, statement);
    }
    // One row more than asked for tells whether there is a next page.
    const rows = statement.all({ ...filter, ...after, now, limit: filter.limit + 1 });
    const items = rows.slice(0, filter.limit).map((row) => storedReview(row, now));
    const last = items.at(-1);
    const more = rows.length > filter.limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor(filter.order, last.prediction) : null };
  };
}
