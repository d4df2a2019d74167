import { isDeepStrictEqual } from 'node:util';
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
import type { Connection } from './connection.ts';
import { NOW, type Statement, statement } from './sql.ts';

/** Of replicas that start at once with the same gate, one writes it down. Not the locks of migrations and export. */
const CHANGE_LOCK = '8316294088862130550';

const lock = statement('trail_lock', `SELECT pg_advisory_xact_lock(${CHANGE_LOCK})`);

/** The partial indexes are for the planner to use only where the query implies their condition. */
const OF_TRAIL = `act IN ('labelled', 'discarded', 'undone', 'reassigned')`;

/** The query for one shape of filter: the merge of one range for each act, each in the order of its index. */
export function trailStatement(query: TrailQuery): Statement {
  const { items, service } = actsOf(query);
  const by = query.who === undefined ? '' : 'AND who = :who::text';
  const range = `at_ms >= :sinceMs::bigint ${by}`;
  // The limit is a literal, for the planner. One row more than asked for tells whether there is a next page.
  const limit = Math.trunc(query.limit) + 1;
  const sources = [
    ...items.map(
      (act) => `
      SELECT at_ms, ${SOURCES.item} AS source, n, act, who, id AS item, to_json(detail) AS detail FROM events
      WHERE act = '${act}' AND ${OF_TRAIL} AND ${range} AND (at_ms, n) < (:atMs::bigint, :itemN::bigint)`,
    ),
    ...service.map(
      (act) => `
      SELECT at_ms, ${SOURCES.service} AS source, n, act, who, NULL::text AS item, detail FROM service_events
      WHERE act = '${act}' AND ${range} AND (at_ms, n) < (:atMs::bigint, :serviceN::bigint)`,
    ),
  ];
  const pages = sources.map((source) => `(${source} ORDER BY at_ms DESC, n DESC LIMIT ${limit})`);
  return statement(
    '',
    `SELECT * FROM (${pages.join(' UNION ALL ')}) entries
     ORDER BY at_ms DESC, source DESC, n DESC LIMIT ${limit}`,
  );
}

export const LAST_CHANGE = statement(
  'trail_last_change',
  'SELECT detail FROM service_events WHERE act = :act ORDER BY n DESC LIMIT 1',
);

const insert = statement(
  'trail_insert',
  `INSERT INTO service_events (at_ms, act, who, detail) VALUES (${NOW}, :act, :who::text, :detail::json)`,
);

const jsonObject = z.custom<Readonly<Record<string, Json>>>(
  (value) => typeof value === 'object' && value !== null,
);
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
export async function trail(connection: Connection, query: TrailQuery): Promise<TrailPage> {
  const { sinceMs = 0, who } = query;
  const { rows } = await connection.run(trailStatement(query), { ...trailBounds(query), sinceMs, who });
  return pageOf(z.array(trailRow).parse(rows), query.limit);
}

/** Writes what was done to the service as a whole. */
export async function recordAct(
  connection: Connection,
  { act, who, detail }: ServiceEvent,
  now: number | null,
): Promise<void> {
  await connection.run(insert, { act, who, detail: JSON.stringify(detail), now });
}

/** Writes what the service runs with where that is not what was written last. To be run in a transaction. */
export async function recordChange(
  connection: Connection,
  { act, state }: ServiceChange,
  now: number | null,
): Promise<boolean> {
  await connection.run(lock, {});
  const from = lastRow.parse((await connection.run(LAST_CHANGE, { act })).rows[0])?.detail.to ?? null;
  if (isDeepStrictEqual(from, state)) return false;
  await connection.run(insert, { act, detail: JSON.stringify({ from, to: state }), now });
  return true;
}
