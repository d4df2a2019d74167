import type { Database } from 'better-sqlite3';
import type { ClosingPlace, GateClosing, Reopening } from '../closings.ts';
import { closedEvent, reopenedEvent } from '../shared/closings.ts';
import type { ServiceEvent } from '../trail.ts';

/** Closes and reopens gates, with an entry in the trail each, in the caller's transaction. */
export function prepareClosings(db: Database, append: (event: ServiceEvent, now: number) => void) {
  const close = db.prepare(`
    INSERT OR IGNORE INTO gate_closings (model_digest, gate_id, stream, closed_ms, proof)
    SELECT :modelDigest, :gateId, :stream, :now, :proof WHERE :known = (
      SELECT count(*) FROM gate_closings WHERE model_digest = :modelDigest AND gate_id = :gateId)`);
  const reopen = db.prepare(`
    UPDATE gate_closings SET reopened_ms = :now, reopened_by = :by, reopened_why = :why
    WHERE model_digest = :modelDigest AND gate_id = :gateId AND stream IS :stream AND reopened_ms IS NULL`);
  return {
    close: (place: ClosingPlace, proof: GateClosing['proof'], known: number, now: number): boolean => {
      const closed = close.run({ ...place, known, now, proof: JSON.stringify(proof) }).changes > 0;
      if (closed) append(closedEvent(place, proof), now);
      return closed;
    },
    reopen: (reopening: Reopening, now: number): boolean => {
      const reopened = reopen.run({ ...reopening, now }).changes > 0;
      if (reopened) append(reopenedEvent(reopening), now);
      return reopened;
    },
  };
}
