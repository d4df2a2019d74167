import { changesOf, LAST_CHANGE } from '../shared/trail.ts';
import type { ServiceChange, ServiceEvent } from '../trail.ts';
import type { Connection } from './connection.ts';
import { dialect } from './dialect.ts';
import { NOW, statement } from './sql.ts';

/**
 * Of replicas that start at once with the same gate, one writes it down. Not the locks of migrations and
 * export.
 */
const CHANGE_LOCK = '8316294088862130550';

const lock = statement('trail_lock', `SELECT pg_advisory_xact_lock(${CHANGE_LOCK})`);

const lastChange = statement('trail_last_change', LAST_CHANGE);
const changeOf = changesOf(dialect);

const insert = statement(
  'trail_insert',
  `INSERT INTO service_events (at_ms, act, who, detail) VALUES (${NOW}, :act, :who::text, :detail::json)`,
);

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
  change: ServiceChange,
  now: number | null,
): Promise<boolean> {
  const { act } = change;
  await connection.run(lock, {});
  const detail = changeOf((await connection.run(lastChange, { act })).rows[0], change);
  if (detail !== null) await connection.run(insert, { act, detail, now });
  return detail !== null;
}
