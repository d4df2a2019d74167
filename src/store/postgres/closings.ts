import type { ClosingPlace, GateClosing, Reopening } from '../closings.ts';
import { closedEvent, reopenedEvent } from '../shared/closings.ts';
import { recordAct } from './audit-trail.ts';
import type { Connection } from './connection.ts';
import { NOW, statement } from './sql.ts';

/** Of several replicas that see the proof at once one writes it. */
const insert = statement(
  'closings_close',
  `INSERT INTO gate_closings (model_digest, gate_id, stream, closed_ms, proof)
   SELECT :modelDigest::text, :gateId::text, :stream::text, ${NOW}, :proof::json WHERE :known::bigint = (
     SELECT count(*) FROM gate_closings
     WHERE model_digest = :modelDigest::text AND gate_id = :gateId::text)
   ON CONFLICT DO NOTHING`,
);

const update = statement(
  'closings_reopen',
  `UPDATE gate_closings SET reopened_ms = ${NOW}, reopened_by = :by, reopened_why = :why
   WHERE model_digest = :modelDigest AND gate_id = :gateId AND stream IS NOT DISTINCT FROM :stream::text
     AND reopened_ms IS NULL`,
);

/** Closes a gate, with an entry in the trail. To be run in a transaction. */
export async function close(
  connection: Connection,
  place: ClosingPlace,
  proof: GateClosing['proof'],
  known: number,
  now: number | null,
): Promise<boolean> {
  const { changed } = await connection.run(insert, { ...place, known, proof: JSON.stringify(proof), now });
  if (changed > 0) await recordAct(connection, closedEvent(place, proof), now);
  return changed > 0;
}

/** Opens it again, likewise. */
export async function reopen(
  connection: Connection,
  reopening: Reopening,
  now: number | null,
): Promise<boolean> {
  const { changed } = await connection.run(update, { ...reopening, now });
  if (changed > 0) await recordAct(connection, reopenedEvent(reopening), now);
  return changed > 0;
}
