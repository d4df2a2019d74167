import type { Database } from 'better-sqlite3';
import type { KeyedRequest } from '../recorded-request.ts';
import type { RecordedOnce, Recording } from '../records.ts';
import { findRequest, forgottenUntil, requestRows } from '../shared/find.ts';
import { dialect } from './dialect.ts';
import type { prepareRecord } from './record.ts';

const requestOf = requestRows(dialect);

/**
 * Records once for each key that is known.
 *
 * The write lock, which the caller's transaction takes first, lets no other attempt in between look-up and
 * insert.
 */
export function prepareRecordOnce(db: Database, record: ReturnType<typeof prepareRecord>) {
  const find = db.prepare(findRequest(dialect));
  // One that is not known any more may still be there.
  const write = db.prepare(`
    INSERT OR REPLACE INTO idempotency_keys (caller, key, fingerprint, ids, recorded_ms)
    VALUES (:caller, :key, :fingerprint, :ids, :now)`);
  const remove = db.prepare(
    `DELETE FROM idempotency_keys WHERE (caller, key) IN (
       SELECT caller, key FROM idempotency_keys WHERE recorded_ms <= ${forgottenUntil(dialect)}
       ORDER BY recorded_ms LIMIT :most)`,
  );

  return {
    record: (request: KeyedRequest, recordings: readonly Recording[], now: number): RecordedOnce => {
      const earlier = find.get({ ...request, now });
      if (earlier !== undefined) return { earlier: requestOf(earlier) };
      const ids = recordings.map(({ prediction }) => prediction.id);
      write.run({ ...request, ids: JSON.stringify(ids), now });
      return { items: record(recordings), earlier: null };
    },
    /** At most so many; how many. */
    forget: (now: number, most: number): number => remove.run({ now, most }).changes,
  };
}
