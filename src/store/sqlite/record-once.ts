import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Recording } from '../records.ts';
import {
  type KeyedRequest,
  REQUEST_KEPT_MS,
  type RecordedRequest,
  type RequestKey,
} from '../recorded-request.ts';
import type { prepareRecord } from './record.ts';

const row = z.object({
  fingerprint: z.string(),
  ids: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
});

/**
 * Records once for each key that is known.
 *
 * The write lock, which the caller's transaction takes first, lets no other attempt in between look-up and insert.
 */
export function prepareRecordOnce(db: Database, record: ReturnType<typeof prepareRecord>) {
  const select = db.prepare<[{ caller: string; key: string; since: number }]>(
    'SELECT fingerprint, ids FROM idempotency_keys WHERE caller = :caller AND key = :key AND recorded_ms > :since',
  );
  // One that is not known any more may still be there.
  const write = db.prepare(`
    INSERT OR REPLACE INTO idempotency_keys (caller, key, fingerprint, ids, recorded_ms)
    VALUES (:caller, :key, :fingerprint, :ids, :now)`);
  const remove = db.prepare<[number, number]>(
    `DELETE FROM idempotency_keys WHERE (caller, key) IN (
       SELECT caller, key FROM idempotency_keys WHERE recorded_ms <= ? ORDER BY recorded_ms LIMIT ?)`,
  );

  const find = ({ caller, key }: RequestKey, now: number): RecordedRequest | null => {
    const found = select.get({ caller, key, since: now - REQUEST_KEPT_MS });
    return found === undefined ? null : row.parse(found);
  };

  return {
    find,
    record: (
      request: KeyedRequest,
      recordings: readonly Recording[],
      now: number,
    ): RecordedRequest | null => {
      const earlier = find(request, now);
      if (earlier !== null) return earlier;
      const ids = recordings.map(({ prediction }) => prediction.id);
      write.run({ ...request, ids: JSON.stringify(ids), now });
      for (const { prediction, image } of recordings) record(prediction, image);
      return null;
    },
    /** At most so many; how many. */
    forget: (now: number, most: number): number => remove.run(now - REQUEST_KEPT_MS, most).changes,
  };
}
