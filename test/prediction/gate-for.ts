import type { Gate, GateFile } from '../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import { parseGate } from '../../src/gate/read-gate.ts';
import type { Model } from '../../src/model/load.ts';
import { UNPROVEN } from '../../support/unproven-gate.ts';

/** A gate of this model, of which a test names only what it is about. */
export function gateFor({ manifest, digest }: Model, changes: Partial<GateFile> = {}): Gate {
  const file: GateFile = {
    format: 1,
    signal: 'sensitivity',
    threshold: 0.5,
    confidence_floor: null,
    sensitivity_limit: null,
    familiarity: null,
    show_prediction: false,
    model: { name: manifest.name, digest },
    measurement: DEFAULT_PLAN,
    risk: null,
    calibration: UNPROVEN,
    ...changes,
  };
  return parseGate(JSON.stringify(file), 'the gate of a test', digest);
}
