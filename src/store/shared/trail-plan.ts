import { type ItemAct, ITEM_ACTS, type ServiceAct, SERVICE_ACTS, type TrailQuery } from '../trail.ts';
import type { Dialect } from './dialect.ts';

/** Which of the two tables an entry stands in; of one moment those of items come first. */
export const SOURCES = { service: 0, item: 1 } as const;

/** The partial indexes are for the planner to use only where the query says the very same. */
const OF_TRAIL = `act IN (
  'labelled', 'none_of_these', 'unreadable', 'discarded', 'undone', 'reassigned', 'forgotten')`;

/** The acts that a query is about, by table. */
function actsOf({ act }: TrailQuery): {
  readonly items: readonly ItemAct[];
  readonly service: readonly ServiceAct[];
} {
  return {
    items: ITEM_ACTS.filter((known) => act === undefined || known === act),
    service: SERVICE_ACTS.filter((known) => act === undefined || known === act),
  };
}

/** The query for one shape of filter: the merge of one range for each act, each in the order of its index. */
export function trailSql<Query>(query: TrailQuery, dialect: Dialect<Query>): string {
  const { typed } = dialect;
  const { items, service } = actsOf(query);
  const anyone = query.who === undefined;
  const by = anyone ? '' : `AND who = ${typed(':who', 'text')}`;
  const range = `at_ms >= ${typed(':sinceMs', 'bigint')} ${by}`;
  const before = (n: string) => `(at_ms, n) < (${typed(':atMs', 'bigint')}, ${typed(n, 'bigint')})`;
  const events = dialect.byIndex('events', anyone ? 'events_of_trail' : 'events_of_trail_by_who');
  const sources = [
    ...items.map(
      (act) => `
      SELECT at_ms, ${SOURCES.item} AS source, n, act, who, id AS item,
        ${dialect.textAsJson('detail')} AS detail
      FROM ${events} WHERE act = '${act}' AND ${OF_TRAIL} AND ${range} AND ${before(':itemN')}`,
    ),
    ...service.map(
      (act) => `
      SELECT at_ms, ${SOURCES.service} AS source, n, act, who, ${typed('NULL', 'text')} AS item, detail
      FROM service_events WHERE act = '${act}' AND ${range} AND ${before(':serviceN')}`,
    ),
  ];
  // One row more than asked for tells whether there is a next page.
  const limit = dialect.limit(query.limit + 1);
  const pages = sources.map(
    (source) => `SELECT * FROM (${source} ORDER BY at_ms DESC, n DESC LIMIT ${limit}) part`,
  );
  return `${pages.join(' UNION ALL ')} ORDER BY at_ms DESC, source DESC, n DESC LIMIT ${limit}`;
}
