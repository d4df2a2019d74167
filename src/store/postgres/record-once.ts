import type { RecordedOnce, Recording } from '../records.ts';
import type { KeyedRequest } from '../recorded-request.ts';
import { findRequest, forgottenUntil, requestRows } from '../shared/find.ts';
import type { RecordLimits } from '../shared/record-limits.ts';
import type { Connection } from './connection.ts';
import { dialect } from './dialect.ts';
import { recordAll } from './record.ts';
import { NOW, statement } from './sql.ts';

const OLDEST = forgottenUntil(dialect);

/**
 * Waits for another attempt under the same key to commit or fail. No row is written where that one stands.
 */
const takeKey = statement(
  'take_key',
  `INSERT INTO idempotency_keys AS known (caller, key, fingerprint, ids, recorded_ms)
   VALUES (:caller, :key, :fingerprint, :ids::text[], ${NOW})
   ON CONFLICT (caller, key) DO UPDATE
     SET fingerprint = excluded.fingerprint, ids = excluded.ids, recorded_ms = excluded.recorded_ms
     WHERE known.recorded_ms <= ${OLDEST}`,
);

const findKey = findRequest(dialect);
const requestOf = requestRows(dialect);

const forgetKeys = statement(
  'forget_keys',
  `DELETE FROM idempotency_keys WHERE (caller, key) IN (
     SELECT caller, key FROM idempotency_keys WHERE recorded_ms <= ${OLDEST}
     ORDER BY recorded_ms LIMIT :most::int)`,
);

/** Records once for each key that is known, inside the caller's transaction. */
export async function recordOnce(
  connection: Connection,
  limits: RecordLimits,
  request: KeyedRequest,
  recordings: readonly Recording[],
  now: number | null,
): Promise<RecordedOnce> {
  const ids = recordings.map(({ prediction }) => prediction.id);
  const { changed } = await connection.run(takeKey, { ...request, ids, now });
  if (changed === 0) {
    const { rows } = await connection.run(findKey, { ...request, now });
    if (rows.length === 0) throw new Error('expected the key that was just met; it is gone');
    return { earlier: requestOf(rows[0]) };
  }
  return { items: await recordAll(connection, limits, recordings), earlier: null };
}

export async function forgetRequests(
  connection: Connection,
  most: number,
  now: number | null,
): Promise<number> {
  return (await connection.run(forgetKeys, { most, now })).changed;
}
