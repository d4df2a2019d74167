import { z } from 'zod';
import type { Alarm, AlarmEnd, Alarms, NewAlarm } from '../alarms.ts';
import type { ServiceEvent } from '../trail.ts';
import type { Dialect, ReadRows } from './dialect.ts';

/** Ended ones that are shown; standing ones are few. */
const MOST = 100;

/** Reads the alarms of a model. */
export function readingAlarms<Query>(
  { query, json }: Dialect<Query>,
  rows: ReadRows<Query>,
): Pick<Alarms, 'of'> {
  const all = query(
    `SELECT * FROM (
       SELECT * FROM change_alarms WHERE model_digest = :modelDigest
       ORDER BY ended_ms IS NULL DESC, n DESC LIMIT ${MOST}) latest
     ORDER BY n`,
    'alarms',
  );
  const alarmRows = z.array(
    z
      .object({
        model_digest: z.string(),
        gate_id: z.string(),
        stream: z.string().nullable(),
        raised_ms: z.number(),
        since_ms: z.number(),
        finding: json.pipe(
          z.custom<Alarm['finding']>((value) => typeof value === 'object' && value !== null),
        ),
        ended_ms: z.number().nullable(),
        ended_by: z.string().nullable(),
        ended_why: z.string().nullable(),
      })
      .transform((row): Alarm => ({
        modelDigest: row.model_digest,
        gateId: row.gate_id,
        stream: row.stream,
        raisedMs: row.raised_ms,
        sinceMs: row.since_ms,
        finding: row.finding,
        ended: row.ended_ms === null ? null : { atMs: row.ended_ms, by: row.ended_by!, why: row.ended_why! },
      })),
  );
  return { of: async (modelDigest) => alarmRows.parse(await rows(all, { modelDigest })) };
}

/** What the trail holds of an alarm. Nobody raised it: the images did. */
export function raisedEvent({ gateId, stream, sinceMs, finding }: NewAlarm): ServiceEvent {
  return { act: 'alarm_raised', who: null, detail: { gate: gateId, stream, since_ms: sinceMs, finding } };
}

export function endedEvent({ gateId, stream, by, why }: AlarmEnd): ServiceEvent {
  return { act: 'alarm_ended', who: by, detail: { gate: gateId, stream, why } };
}
