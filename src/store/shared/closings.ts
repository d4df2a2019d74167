import { z } from 'zod';
import type { ClosingPlace, Closings, GateClosing, Reopening } from '../closings.ts';
import type { ServiceEvent } from '../trail.ts';
import type { Dialect, ReadRows } from './dialect.ts';

/** Reads all closings of a model: a handful of rows. */
export function readingClosings<Query>(
  { query, json }: Dialect<Query>,
  rows: ReadRows<Query>,
): Pick<Closings, 'of'> {
  const all = query('SELECT * FROM gate_closings WHERE model_digest = :modelDigest ORDER BY n', 'closings');
  const closingRows = z.array(
    z
      .object({
        model_digest: z.string(),
        gate_id: z.string(),
        stream: z.string().nullable(),
        closed_ms: z.number(),
        proof: json.pipe(
          z.custom<GateClosing['proof']>((value) => typeof value === 'object' && value !== null),
        ),
        reopened_ms: z.number().nullable(),
        reopened_by: z.string().nullable(),
        reopened_why: z.string().nullable(),
      })
      .transform((row): GateClosing => ({
        modelDigest: row.model_digest,
        gateId: row.gate_id,
        stream: row.stream,
        closedMs: row.closed_ms,
        proof: row.proof,
        reopened:
          row.reopened_ms === null
            ? null
            : { atMs: row.reopened_ms, by: row.reopened_by!, why: row.reopened_why! },
      })),
  );
  return { of: async (modelDigest) => closingRows.parse(await rows(all, { modelDigest })) };
}

/** What the trail holds of a closing. Nobody did it: the proof did. */
export function closedEvent({ gateId, stream }: ClosingPlace, proof: GateClosing['proof']): ServiceEvent {
  return { act: 'gate_closed', who: null, detail: { gate: gateId, stream, proof } };
}

export function reopenedEvent({ gateId, stream, by, why }: Reopening): ServiceEvent {
  return { act: 'gate_reopened', who: by, detail: { gate: gateId, stream, why } };
}
