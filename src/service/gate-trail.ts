import type { Gate } from '../gate/gate.ts';
import type { Trail } from '../store/trail.ts';
import type { Log } from '../telemetry/log.ts';

const RETRY_MS = 5_000;

export interface GateTrail {
  /** To be called whenever another gate decides. */
  changed(): void;
  stop(): Promise<void>;
}

/**
 * Writes to the audit trail which gate decides from now on, at the start and whenever another gate is taken.
 *
 * A gate decides whether or not the trail can be written just then: what is not written yet is written at a
 * later try.
 *
 * @param gate The gate in use now; null where there is none, so that everything goes to review.
 */
export function createGateTrail(
  trail: Pick<Trail, 'recordChange'>,
  gate: () => Gate | null,
  log: Log,
  retryMs = RETRY_MS,
): GateTrail {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    clearTimeout(timer);
    try {
      // The trail itself leaves out a gate that is the one written last.
      await trail.recordChange({ act: 'gate_changed', state: stateOf(gate()) });
    } catch (err) {
      log.warn({ err }, 'the change of the gate is not in the audit trail yet; it is tried again');
      if (!stopped) timer = setTimeout(changed, retryMs);
    }
  };
  // One after the other, so that the last written is the one in use.
  let last = Promise.resolve();
  const changed = (): void => {
    last = last.then(write);
  };
  return {
    changed,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await last;
    },
  };
}

/** What the trail holds of a gate. */
function stateOf(gate: Gate | null) {
  return gate && { id: gate.id, signal: gate.signal, threshold: gate.threshold, model: gate.model.digest };
}
