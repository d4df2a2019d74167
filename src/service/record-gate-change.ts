import type { Gate } from '../gate/gate.ts';
import type { Trail } from '../store/trail.ts';

/**
 * Writes to the audit trail which gate decides from now on, where it is not the one written last; whether it was written.
 * To be called at the start and whenever another gate is taken.
 *
 * @param gate Null where there is none, so that everything goes to review.
 */
export function recordGateChange(
  trail: Trail,
  gate: Pick<Gate, 'id' | 'signal' | 'threshold' | 'model'> | null,
): Promise<boolean> {
  const state = gate && {
    id: gate.id,
    signal: gate.signal,
    threshold: gate.threshold,
    model: gate.model.digest,
  };
  return trail.recordChange({ act: 'gate_changed', state });
}
