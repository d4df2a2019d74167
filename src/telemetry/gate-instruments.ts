import { Counter, Gauge, type Registry } from 'prom-client';

export const RELOAD_OUTCOMES = ['taken', 'refused'] as const;

/** What tells whether the gate still keeps its promise: names, meaning and labels, registered with `registry`. */
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
    risk: new Gauge({
      name: 'sensigate_selective_risk',
      help: 'Error rate among automatic labels by the audit: its estimate, and the lower and upper end of its exact interval. Absent without audited labels.',
      labelNames: ['bound'],
      registers,
    }),
    drift: new Gauge({
      name: 'sensigate_sensitivity_drift',
      help: "Kolmogorov-Smirnov distance, 0 to 1, of the latest sensitivities from calibration's. Absent while too few were measured, and without a reference.",
      registers,
    }),
    window: new Gauge({
      name: 'sensigate_sensitivity_drift_window',
      help: 'How many of the latest sensitivities the drift is taken over.',
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
