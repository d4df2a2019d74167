import type { Database } from 'better-sqlite3';
import type { AlarmEnd, NewAlarm, WatchHolder } from '../alarms.ts';
import type { Json } from '../json.ts';
import { endedEvent, raisedEvent } from '../shared/alarms.ts';
import type { ServiceEvent } from '../trail.ts';

/** Raises and ends alarms, with an entry in the trail each, and evidence, in the caller's transaction. */
export function prepareAlarms(db: Database, append: (event: ServiceEvent, now: number) => void) {
  const raise = db.prepare(`
    INSERT OR IGNORE INTO change_alarms (model_digest, gate_id, stream, raised_ms, since_ms, finding)
    VALUES (:modelDigest, :gateId, :stream, :now, :sinceMs, :finding)`);
  const end = db.prepare(`
    UPDATE change_alarms SET ended_ms = :now, ended_by = :by, ended_why = :why
    WHERE model_digest = :modelDigest AND gate_id = :gateId AND stream IS :stream AND ended_ms IS NULL`);
  const save = db.prepare(`
    INSERT INTO change_watches (model_digest, gate_id, holder, saved_ms, evidence)
    VALUES (:modelDigest, :gateId, :holder, :now, :evidence)
    ON CONFLICT (model_digest, gate_id, holder) DO UPDATE
    SET saved_ms = excluded.saved_ms, evidence = excluded.evidence`);
  const take = db.prepare(`
    UPDATE change_watches SET holder = :holder, saved_ms = :now, is_left = 0
    WHERE model_digest = :modelDigest AND gate_id = :gateId AND holder = (
      SELECT holder FROM change_watches
      WHERE model_digest = :modelDigest AND gate_id = :gateId AND (saved_ms <= :before OR is_left)
      ORDER BY saved_ms DESC, holder LIMIT 1)
    RETURNING evidence`);
  const leave = db.prepare(`UPDATE change_watches SET is_left = 1
    WHERE model_digest = :modelDigest AND gate_id = :gateId AND holder = :holder`);
  return {
    raise: ({ finding, ...alarm }: NewAlarm, now: number): boolean => {
      const raised = raise.run({ ...alarm, now, finding: JSON.stringify(finding) }).changes > 0;
      if (raised) append(raisedEvent({ ...alarm, finding }), now);
      return raised;
    },
    end: (alarm: AlarmEnd, now: number): boolean => {
      const ended = end.run({ ...alarm, now }).changes > 0;
      if (ended) append(endedEvent(alarm), now);
      return ended;
    },
    save: (holder: WatchHolder, evidence: Json, now: number): void => {
      save.run({ ...holder, now, evidence: JSON.stringify(evidence) });
    },
    take: (holder: WatchHolder, staleMs: number, now: number): Json => {
      const row = take.get({ ...holder, now, before: now - staleMs }) as { evidence: string } | undefined;
      return row === undefined ? null : (JSON.parse(row.evidence) as Json);
    },
    leave: (holder: WatchHolder): void => {
      leave.run({ ...holder });
    },
  };
}
