import { z } from 'zod';
import type { Overlaps } from '../opinions.ts';
import type { Recording } from '../records.ts';
import {
  type KeyedRequest,
  REQUEST_KEPT_MS,
  type RecordedRequest,
  type RequestKey,
} from '../recorded-request.ts';
import type { Connection } from './connection.ts';
import { record } from './record.ts';
import { NOW, statement } from './sql.ts';

const OLDEST = `(${NOW} - ${REQUEST_KEPT_MS})`;

/** Waits for another attempt under the same key to commit or fail. No row is written where that one stands. */
const takeKey = statement(
  'take_key',
  `INSERT INTO idempotency_keys AS known (caller, key, fingerprint, ids, recorded_ms)
   VALUES (:caller, :key, :fingerprint, :ids::text[], ${NOW})
   ON CONFLICT (caller, key) DO UPDATE
     SET fingerprint = excluded.fingerprint, ids = excluded.ids, recorded_ms = excluded.recorded_ms
     WHERE known.recorded_ms <= ${OLDEST}`,
);

const findKey = statement(
  'find_key',
  `SELECT fingerprint, ids FROM idempotency_keys WHERE caller = :caller AND key = :key AND recorded_ms > ${OLDEST}`,
);

const forgetKeys = statement(
  'forget_keys',
  `DELETE FROM idempotency_keys WHERE (caller, key) IN (
     SELECT caller, key FROM idempotency_keys WHERE recorded_ms <= ${OLDEST} ORDER BY recorded_ms LIMIT :most::int)`,
);

const row = z.object({ fingerprint: z.string(), ids: z.array(z.string()) });

/** Records once for each key that is known, inside the caller's transaction. */
export async function recordOnce(
  connection: Connection,
  overlaps: Overlaps,
  request: KeyedRequest,
  recordings: readonly Recording[],
  now: number | null,
): Promise<RecordedRequest | null> {
  const ids = recordings.map(({ prediction }) => prediction.id);
  const { changed } = await connection.run(takeKey, { ...request, ids, now });
  if (changed === 0) {
    const earlier = await findRequest(connection, request, now);
    if (earlier === null) throw new Error('expected the key that was just met; it is gone');
    return earlier;
  }
  for (const { prediction, image } of recordings) await record(connection, overlaps, prediction, image);
  return null;
}

export async function findRequest(
  connection: Connection,
  { caller, key }: RequestKey,
  now: number | null,
): Promise<RecordedRequest | null> {
  const { rows } = await connection.run(findKey, { caller, key, now });
  return rows.length === 0 ? null : row.parse(rows[0]);
}

export async function forgetRequests(
  connection: Connection,
  most: number,
  now: number | null,
): Promise<number> {
  return (await connection.run(forgetKeys, { most, now })).changed;
}
