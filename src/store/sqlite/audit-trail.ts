import { isDeepStrictEqual } from 'node:util';
import type { Database, Statement } from 'better-sqlite3';
import { z } from 'zod';
import {
  actsOf,
  ITEM_ACTS,
  itemDetail,
  pageOf,
  SERVICE_ACTS,
  type ServiceChange,
  type ServiceEvent,
  SOURCES,
  trailBounds,
  type TrailPage,
  type TrailQuery,
} from '../trail.ts';
import type { Json } from '../json.ts';

/** The partial indexes are for the planner to use only where the query says the very same. */
const OF_TRAIL = `act IN ('labelled', 'discarded', 'undone', 'reassigned')`;

/**
 * The query for one shape of filter: the merge of one range for each act, each in the order of its index.
 *
 * Without statistics SQLite takes whichever index it finds first, and would test every label for who gave it: hence
 * INDEXED BY.
 */
export function trailSql(query: TrailQuery): string {
  const { items, service } = actsOf(query);
  const [by, index] =
    query.who === undefined ? ['', 'events_of_trail'] : ['AND who = :who', 'events_of_trail_by_who'];
  const range = `at_ms >= :sinceMs ${by}`;
  const sources = [
    ...items.map(
      (act) => `
      SELECT at_ms, ${SOURCES.item} AS source, n, act, who, id AS item, detail FROM events INDEXED BY ${index}
      WHERE act = '${act}' AND ${OF_TRAIL} AND ${range} AND (at_ms, n) < (:atMs, :itemN)`,
    ),
    ...service.map(
      (act) => `
      SELECT at_ms, ${SOURCES.service} AS source, n, act, who, NULL AS item, detail FROM service_events
      WHERE act = '${act}' AND ${range} AND (at_ms, n) < (:atMs, :serviceN)`,
    ),
  ];
  const pages = sources.map((source) => `SELECT * FROM (${source} ORDER BY at_ms DESC, n DESC LIMIT :count)`);
  return `${pages.join(' UNION ALL ')} ORDER BY at_ms DESC, source DESC, n DESC LIMIT :count`;
}

export const LAST_CHANGE = 'SELECT detail FROM service_events WHERE act = ? ORDER BY n DESC LIMIT 1';

const jsonObject = z
  .string()
  .transform((text) => JSON.parse(text) as Readonly<Record<string, Json>>)
  .pipe(z.custom<Readonly<Record<string, Json>>>((value) => typeof value === 'object' && value !== null));

const placed = { at_ms: z.number(), source: z.number(), n: z.number(), who: z.string().nullable() };
const trailRow = z.union([
  z
    .object({ ...placed, act: z.enum(ITEM_ACTS), item: z.string(), detail: z.string().nullable() })
    .transform(({ at_ms: atMs, ...row }) => ({ ...row, atMs, detail: itemDetail(row.act, row.detail) })),
  z
    .object({ ...placed, act: z.enum(SERVICE_ACTS), item: z.null(), detail: jsonObject })
    .transform(({ at_ms: atMs, ...row }) => ({ ...row, atMs })),
]);
const lastRow = z.object({ detail: jsonObject }).optional();

/** Reads the trail, newest first. */
export function prepareTrail(db: Database) {
  const prepared = new Map<string, Statement>();
  return (query: TrailQuery): TrailPage => {
    const sql = trailSql(query);
    const statement = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, statement);
    const { limit, sinceMs = 0, who } = query;
    const rows = statement.all({ ...trailBounds(query), sinceMs, who, count: limit + 1 });
    return pageOf(z.array(trailRow).parse(rows), limit);
  };
}

/** Writes what was done to the service as a whole, and what it runs with where that is not what was written last. */
export function prepareServiceEvents(db: Database) {
  const insert = db.prepare('INSERT INTO service_events (at_ms, act, who, detail) VALUES (?, ?, ?, ?)');
  const last = db.prepare<[string]>(LAST_CHANGE);
  return {
    act: ({ act, who, detail }: ServiceEvent, now: number): void => {
      insert.run(now, act, who, JSON.stringify(detail));
    },
    change: ({ act, state }: ServiceChange, now: number): boolean => {
      const from = lastRow.parse(last.get(act))?.detail.to ?? null;
      if (isDeepStrictEqual(from, state)) return false;
      insert.run(now, act, null, JSON.stringify({ from, to: state }));
      return true;
    },
  };
}
