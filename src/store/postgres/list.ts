import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ListFilter, ReviewPage } from '../review-items.ts';
import type { Connection } from './connection.ts';
import { STORED_COLUMNS, storedReview } from './rows.ts';
import { NOW, type Statement, statement } from './sql.ts';

/**
 * A list is one source, or the merge of several, each of which an index gives in the order of the list.
 *
 * Every outcome has a part of its own in the indexes by rank and by creation, of items as of their reasons. What
 * `pending` walks past is the live leases, which are as many as people hold at once, and so is what `claimed` sorts.
 *
 * What has no index is a reason together with a label: it walks the reason's labelled items and tests each, which
 * on average passes over as many per hit as there are classes.
 */
const sources = {
  open: `items WHERE outcome = 'open'`,
  pending: `items WHERE outcome = 'open' AND (lease_expires_ms IS NULL OR lease_expires_ms <= ${NOW})`,
  claimed: `(SELECT * FROM items WHERE outcome = 'open' AND lease_expires_ms > ${NOW} OFFSET 0) held WHERE true`,
  labelled: `items WHERE outcome = 'labelled'`,
  discarded: `items WHERE outcome = 'discarded'`,
  disputed: `items WHERE outcome = 'disputed'`,
  withLabel: 'items WHERE label = :label',
} as const;

const hasReason = 'EXISTS (SELECT 1 FROM item_reasons r WHERE r.id = held.id AND r.reason = :reason)';
const sourcesOfReason = {
  open: `item_reasons WHERE reason = :reason AND outcome = 'open'`,
  pending: `item_reasons WHERE reason = :reason AND outcome = 'open' AND EXISTS (
    SELECT 1 FROM items i
    WHERE i.id = item_reasons.id AND (i.lease_expires_ms IS NULL OR i.lease_expires_ms <= ${NOW}))`,
  claimed: `${sources.claimed} AND ${hasReason}`,
  labelled: `item_reasons WHERE reason = :reason AND outcome = 'labelled'`,
  discarded: `item_reasons WHERE reason = :reason AND outcome = 'discarded'`,
  disputed: `item_reasons WHERE reason = :reason AND outcome = 'disputed'`,
  withLabel: `item_reasons WHERE reason = :reason AND outcome = 'labelled' AND EXISTS (
    SELECT 1 FROM items i WHERE i.id = item_reasons.id AND i.label = :label)`,
} as const;

const isOfReason = 'id IN (SELECT r.id FROM item_reasons r WHERE r.reason = :reason)';
const notAnswered = ':seenBy::text <> ALL (answered)';
const answered = (how: string) => `(
  SELECT i.* FROM opinions o JOIN items i ON i.id = o.id
  WHERE o.reviewer = :seenBy AND o.undecided AND ${how} OFFSET 0) own WHERE true`;

/** By the states that one reviewer sees: opinions_undecided has the open and disputed items that show their own answer. */
const sourcesSeen = {
  pending: [`${sources.pending} AND ${notAnswered}`, `${sources.disputed} AND ${notAnswered}`],
  claimed: [`${sources.claimed} AND ${notAnswered}`],
  labelled: [sources.labelled, answered('o.label IS NOT NULL')],
  discarded: [sources.discarded, answered('o.label IS NULL')],
  disputed: [],
  withLabel: [sources.withLabel, answered('o.label = :label')],
} as const;

const orders = {
  newest: {
    columns: 'created_ms, id',
    by: 'created_ms DESC, id DESC',
    after: '(created_ms, id) < (:createdMs::bigint, :id::text)',
  },
  most_sensitive: {
    columns: 'rank, created_ms, id',
    by: 'rank, created_ms, id',
    after: '(rank, created_ms, id) > (-:priority::float8, :createdMs::bigint, :id::text)',
  },
} as const;

function sourcesOf({ state, label, reason, seenBy }: ListFilter): readonly string[] {
  if (seenBy !== undefined && (state !== undefined || label !== undefined)) {
    if (label !== undefined && state !== undefined && state !== 'labelled') return [];
    const seen = label === undefined ? sourcesSeen[state!] : sourcesSeen.withLabel;
    return reason === undefined ? seen : seen.map((source) => `${source} AND ${isOfReason}`);
  }
  const { withLabel, ...byState } = reason === undefined ? sources : sourcesOfReason;
  // Only labelled items have a label, so that one among others names nothing.
  if (label !== undefined) return state === undefined || state === 'labelled' ? [withLabel] : [];
  if (state !== undefined) return [byState[state]];
  return [byState.open, byState.labelled, byState.discarded, byState.disputed];
}

/** The query for one shape of filter; null where nothing can match it. The limit is a literal, for the planner. */
export function listStatement(filter: ListFilter): Statement | null {
  const parts = sourcesOf(filter);
  if (parts.length === 0) return null;
  const order = orders[filter.order];
  const after = filter.cursor === undefined ? '' : `AND ${order.after}`;
  // One row more than asked for tells whether there is a next page.
  const limit = Math.trunc(filter.limit) + 1;
  const pages = parts.map(
    (part) => `(SELECT ${order.columns} FROM ${part} ${after} ORDER BY ${order.by} LIMIT ${limit})`,
  );
  return statement(
    '',
    `SELECT ${STORED_COLUMNS}
     FROM (SELECT * FROM (${pages.join(' UNION ALL ')}) pages ORDER BY ${order.by} LIMIT ${limit}) page
     JOIN items i ON i.id = page.id
     JOIN predictions p ON p.id = page.id
     ORDER BY ${order.by.replaceAll(/\b(?=rank|created_ms|id)/g, 'page.')}`,
  );
}

/** Lists items as they stand, a page at a time. */
export async function list(
  connection: Connection,
  filter: ListFilter,
  now: number | null,
): Promise<ReviewPage> {
  const after = filter.cursor === undefined ? {} : decodeCursor(filter.order, filter.cursor);
  const query = listStatement(filter);
  if (query === null) return { items: [], nextCursor: null };
  const { rows } = await connection.run(query, { ...filter, ...after, now });
  const items = rows.slice(0, filter.limit).map(storedReview);
  const last = items.at(-1);
  const more = rows.length > filter.limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(filter.order, last.prediction) : null };
}
