import { Counter, Gauge, type Registry } from 'prom-client';

export const RELOAD_OUTCOMES = ['taken', 'refused'] as const;

/**
 * What tells whether the gate still keeps its promise: names, meaning and labels, registered with `registry`.
 */
export function createGateInstruments(registry: Registry) {
  const registers = [registry];
  return {
    threshold: new Gauge({
      name: 'sensigate_gate_threshold',
      help: "Threshold of the gate, in the signal's unit. Absent without a valid gate.",
      labelNames: ['signal'],
      registers,
    }),
    info: new Gauge({
      name: 'sensigate_gate_info',
      help: 'The gate in use: always 1. Absent without a valid gate.',
      labelNames: ['id', 'signal'],
      registers,
    }),
    promise: new Gauge({
      name: 'sensigate_gate_promised_risk',
      help: 'Selective risk that the gate was calibrated not to exceed. Absent where it promises none.',
      registers,
    }),
    reloads: new Counter({
      name: 'sensigate_gate_reloads_total',
      help: 'Gate files that were replaced on disk, by outcome: taken, or refused with the old gate kept.',
      labelNames: ['outcome'],
      registers,
    }),
    reference: new Gauge({
      name: 'sensigate_calibration_sensitivity',
      help: "Quantiles of the sensitivities of the gate's calibration. Absent where the gate file has none.",
      labelNames: ['share'],
      registers,
    }),
  };
}
