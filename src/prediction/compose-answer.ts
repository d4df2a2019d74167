import type { Estimate } from '../engine/job.ts';
import type { Outcome } from '../engine/outcome.ts';
import { decide, measuredFor } from '../gate/decide.ts';
import type { Gate } from '../gate/gate.ts';
import type { Model } from '../model/load.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { RecordedAnswer } from './answer.ts';

/** Labels named in an answer, most probable first. */
const TOP = 5;

/** What was measured of one input. */
export interface MeasuredOutcomes {
  /** By the gate's plan: what decides. */
  readonly outcome: Outcome<Estimate>;
  /** Asked for on top; null where it was not. */
  readonly exact: Outcome<Measurement> | null;
  /** What is damaged about its file, in words, or null. */
  readonly damage: string | null;
}

/**
 * Decides by the gate and puts the answer together.
 *
 * @param closed Whether the gate is closed for this input; see `decide`.
 */
export function composeAnswer(
  { id, stream }: Pick<RecordedAnswer, 'id' | 'stream'>,
  { outcome, exact, damage }: MeasuredOutcomes,
  model: Model,
  gate: Gate | null,
  closed = false,
): RecordedAnswer {
  const measurement = outcome.result;
  const measured = measurement && measuredFor(gate, measurement);
  const { decision, reasons } = decide(
    measured ?? outcome.failure ?? 'not_measurable',
    gate,
    damage !== null,
    closed,
  );
  const shown = exact?.result ?? measurement;
  const label = measurement && model.manifest.labels[measurement.predicted]!;
  return {
    id,
    stream,
    decision,
    reasons,
    ...(damage === null ? {} : { damage }),
    label: decision === 'auto' ? label : null,
    prediction: measurement && {
      label: label!,
      index: measurement.predicted,
      probability: measurement.probabilities[measurement.predicted]!,
      top: topLabels(measurement.probabilities, model.manifest.labels),
    },
    sensitivity: shown && {
      value: shown.sensitivity,
      interval: shown.interval,
      confidence: shown.confidence,
      probes: shown.probes,
      method: shown.method,
      ...(shown.asymmetry === null ? {} : { asymmetry: shown.asymmetry }),
    },
    signals: measured ? { ...measured.signals } : {},
    ...(measured?.familiar ? { familiarity: measured.familiar } : {}),
    gate: gate && { id: gate.id, signal: gate.signal, threshold: gate.threshold },
    model: { name: model.manifest.name, digest: model.digest },
  };
}

function topLabels(p: Float64Array, labels: readonly string[]): { label: string; probability: number }[] {
  const best: number[] = [];
  for (let c = 0; c < p.length; c++) {
    let place = best.length;
    while (place > 0 && p[best[place - 1]!]! < p[c]!) place--;
    if (place < TOP) {
      best.splice(place, 0, c);
      if (best.length > TOP) best.pop();
    }
  }
  return best.map((c) => ({ label: labels[c]!, probability: p[c]! }));
}
