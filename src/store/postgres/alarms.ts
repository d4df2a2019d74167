import { z } from 'zod';
import type { AlarmEnd, NewAlarm, WatchHolder } from '../alarms.ts';
import type { Json } from '../json.ts';
import { endedEvent, raisedEvent } from '../shared/alarms.ts';
import { recordAct } from './audit-trail.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/** Of several replicas that see a change at once one writes it. */
const insert = statement(
  'alarms_raise',
  `INSERT INTO change_alarms (model_digest, gate_id, stream, raised_ms, since_ms, finding)
   VALUES (:modelDigest, :gateId, :stream::text, ${NOW}, :sinceMs::bigint, :finding::json)
   ON CONFLICT DO NOTHING`,
);

const update = statement(
  'alarms_end',
  `UPDATE change_alarms SET ended_ms = ${NOW}, ended_by = :by, ended_why = :why
   WHERE model_digest = :modelDigest AND gate_id = :gateId AND stream IS NOT DISTINCT FROM :stream::text
     AND ended_ms IS NULL`,
);

const save = statement(
  'watches_save',
  `INSERT INTO change_watches (model_digest, gate_id, holder, saved_ms, evidence)
   VALUES (:modelDigest, :gateId, :holder, ${NOW}, :evidence::json)
   ON CONFLICT (model_digest, gate_id, holder) DO UPDATE
   SET saved_ms = excluded.saved_ms, evidence = excluded.evidence`,
);

/** Replicas that start at once pass by what another is taking. */
const take = statement(
  'watches_take',
  `UPDATE change_watches SET holder = :holder, saved_ms = ${NOW}, is_left = false
   WHERE (model_digest, gate_id, holder) IN (
     SELECT model_digest, gate_id, holder FROM change_watches
     WHERE model_digest = :modelDigest AND gate_id = :gateId
       AND (is_left OR saved_ms <= ${NOW} - :staleMs::bigint)
     ORDER BY saved_ms DESC, holder LIMIT 1 FOR UPDATE SKIP LOCKED)
   RETURNING evidence`,
);

const leave = statement(
  'watches_leave',
  `UPDATE change_watches SET is_left = true
   WHERE model_digest = :modelDigest AND gate_id = :gateId AND holder = :holder`,
);

const evidenceRows = z.array(z.object({ evidence: z.json() }));

/** Raises an alarm, with an entry in the trail. To be run in a transaction. */
export async function raise(connection: Connection, alarm: NewAlarm, now: number | null): Promise<boolean> {
  const values = { ...alarm, finding: JSON.stringify(alarm.finding), now };
  const { changed } = await connection.run(insert, values);
  if (changed > 0) await recordAct(connection, raisedEvent(alarm), now);
  return changed > 0;
}

/** Ends it, likewise. */
export async function end(connection: Connection, alarm: AlarmEnd, now: number | null): Promise<boolean> {
  const { changed } = await connection.run(update, { ...alarm, now });
  if (changed > 0) await recordAct(connection, endedEvent(alarm), now);
  return changed > 0;
}

export async function saveWatch(
  connection: Connection,
  holder: WatchHolder,
  evidence: Json,
  now: number | null,
): Promise<void> {
  await connection.run(save, { ...holder, evidence: JSON.stringify(evidence), now });
}

export async function takeWatch(
  connection: Connection,
  holder: WatchHolder,
  staleMs: number,
  now: number | null,
): Promise<Json> {
  const { rows } = await connection.run(take, { ...holder, staleMs, now });
  return evidenceRows.parse(rows)[0]?.evidence ?? null;
}

export async function leaveWatch(connection: Connection, holder: WatchHolder): Promise<void> {
  await connection.run(leave, { ...holder });
}
