import type { ListFilter, ReviewItems } from '../review-items.ts';
import { BY_REASON } from './by-reason.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Dialect, ReadRows } from './dialect.ts';
import { freeAt } from './live-leases.ts';
import { storedColumns, storedRows } from './stored-rows.ts';

/**
 * A list is one source, or the merge of several, each of which an index gives in the order of the list.
 *
 * Every outcome has a part of its own in the indexes by rank and by creation, of items as of their reasons.
 * What `pending` walks past is the live leases, which are as many as people hold at once, and so is what
 * `claimed` sorts. By the states that one reviewer sees, opinions_undecided has the open and disputed items
 * that show their own answer. What others hold is pending to a reviewer.
 *
 * What has no index is a reason together with a label: it walks the reason's labelled items and tests each,
 * which on average passes over as many per hit as there are classes. Those of one stream have an index, and
 * are tested for reason and label likewise.
 */
function sourcesIn<Query>({
  now,
  held,
  notAnswered,
  answered,
}: Dialect<Query>): (filter: ListFilter) => readonly string[] {
  const free = freeAt(now);
  const decided = (outcome: string) => `items WHERE outcome = '${outcome}'`;
  const ofReason = (outcome: string) => `item_reasons WHERE reason = :reason AND outcome = '${outcome}'`;
  const where = (condition: string) =>
    `EXISTS (SELECT 1 FROM items i WHERE i.id = item_reasons.id AND ${condition})`;

  const hasReason = 'EXISTS (SELECT 1 FROM item_reasons r WHERE r.id = items.id AND r.reason = :reason)';

  const plain = {
    open: decided('open'),
    pending: `${decided('open')} AND ${free}`,
    claimed: held,
    labelled: decided('labelled'),
    discarded: decided('discarded'),
    disputed: decided('disputed'),
    withLabel: 'items WHERE label = :label',
  };
  const byReason: typeof plain = {
    open: ofReason('open'),
    pending: `${ofReason('open')} AND ${where(free)}`,
    claimed: `${held} AND ${hasReason}`,
    labelled: ofReason('labelled'),
    discarded: ofReason('discarded'),
    disputed: ofReason('disputed'),
    withLabel: `${ofReason('labelled')} AND ${where('i.label = :label')}`,
  };
  const inStream = (outcome: string) => `items WHERE stream = :stream AND outcome = '${outcome}'`;
  const byStream: typeof plain = {
    open: inStream('open'),
    pending: `${inStream('open')} AND ${free}`,
    claimed: `${held} AND items.stream = :stream`,
    labelled: inStream('labelled'),
    discarded: inStream('discarded'),
    disputed: inStream('disputed'),
    withLabel: `${inStream('labelled')} AND label = :label`,
  };
  const seen = {
    pending: [
      `${plain.open} AND (${free} OR reviewer <> :seenBy) AND ${notAnswered}`,
      `${plain.disputed} AND ${notAnswered}`,
    ],
    claimed: [`${held} AND items.reviewer = :seenBy AND ${notAnswered}`],
    labelled: [plain.labelled, answered('opinions.label IS NOT NULL')],
    discarded: [plain.discarded, answered('opinions.label IS NULL')],
    disputed: [],
    withLabel: [plain.withLabel, answered('opinions.label = :label')],
  };

  const named = (sources: typeof plain, state: ListFilter['state'] | 'withLabel'): readonly string[] =>
    state === undefined
      ? [sources.open, sources.labelled, sources.discarded, sources.disputed]
      : [sources[state]];

  const wanted = ({ state, label, reason, stream, seenBy }: ListFilter): readonly string[] => {
    if (label !== undefined && state !== undefined && state !== 'labelled') return [];
    // Only labelled items have a label, so that a label names their state too.
    const which = label === undefined ? state : 'withLabel';
    if (which === undefined || seenBy === undefined) {
      if (stream === undefined) return named(reason === undefined ? plain : byReason, which);
      const ofStream = named(byStream, which);
      return reason === undefined ? ofStream : ofStream.map((source) => `${source} AND ${hasReason}`);
    }
    const ofReason = 'AND items.id IN (SELECT r.id FROM item_reasons r WHERE r.reason = :reason)';
    const also = [...(reason === undefined ? [] : [ofReason]), ...(stream === undefined ? [] : [OF_STREAM])];
    return seen[which].map((source) => [source, ...also].join(' '));
  };
  return (filter) => {
    const sources = wanted(filter);
    if (filter.withoutAudits !== true) return sources;
    return sources.map((source) =>
      source.startsWith('item_reasons') ? `${source} AND reason <> 'audit'` : `${source} AND ${BY_REASON}`,
    );
  };
}

const OF_STREAM = 'AND items.stream = :stream';

const orders = {
  newest: { columns: 'created_ms, id', by: 'created_ms DESC, id DESC' },
  most_sensitive: { columns: 'rank, created_ms, id', by: 'rank, created_ms, id' },
} as const;

/** The condition that a row comes behind the position of the cursor. */
function behind<Query>(order: ListFilter['order'], { typed }: Dialect<Query>): string {
  const place = `${typed(':createdMs', 'bigint')}, ${typed(':id', 'text')}`;
  return order === 'newest'
    ? `(created_ms, id) < (${place})`
    : `(rank, created_ms, id) > (-${typed(':priority', 'float8')}, ${place})`;
}

/**
 * Plans the query for one shape of filter; null where nothing can match it. Rows are joined only for the
 * page.
 */
export function listPlan<Query>(dialect: Dialect<Query>): (filter: ListFilter) => string | null {
  const sourcesOf = sourcesIn(dialect);
  const stored = storedColumns(dialect);
  return (filter) => {
    const sources = sourcesOf(filter);
    if (sources.length === 0) return null;
    const { columns, by } = orders[filter.order];
    const after = filter.cursor === undefined ? '' : `AND ${behind(filter.order, dialect)}`;
    const limit = dialect.limit(filter.limit + 1);
    const pages = sources.map(
      (source) =>
        `SELECT * FROM (SELECT ${columns} FROM ${source} ${after} ORDER BY ${by} LIMIT ${limit}) part`,
    );
    return `
      SELECT ${stored}
      FROM (${pages.join(' UNION ALL ')} ORDER BY ${by} LIMIT ${limit}) page
      ${dialect.inOrder} items i ON i.id = page.id
      ${dialect.inOrder} predictions p ON p.id = i.prediction_id
      ORDER BY ${by.replaceAll(/\b(?=rank|created_ms|id)/g, 'page.')}`;
  };
}

/** Lists items as they stand, a page at a time. */
export function listing<Query>(dialect: Dialect<Query>, rows: ReadRows<Query>): ReviewItems['list'] {
  const { storedReview } = storedRows(dialect);
  const plan = listPlan(dialect);
  return async (filter) => {
    const after = filter.cursor === undefined ? {} : decodeCursor(filter.order, filter.cursor);
    const sql = plan(filter) ?? 'SELECT 1 WHERE 1 = 0';
    // One row more than asked for tells whether there is a next page.
    const found = await rows(dialect.query(sql), { ...filter, ...after, count: filter.limit + 1 });
    const items = found.slice(0, filter.limit).map(storedReview);
    const last = items.at(-1);
    const more = found.length > filter.limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor(filter.order, last.review) : null };
  };
}
