import type { Gate } from '../../gate/gate.ts';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import { familiarTo, isFamiliar, rankScore, sensitivityScore, servedSignals } from '../../gate/rule.ts';
import type { MeasuredInput } from '../../gate/signals/measured-input.ts';
import { reviewScore, type SignalName, signalsOf } from '../../gate/signals/registry.ts';
import type { EvaluatedImage } from './evaluated-image.ts';

/**
 * What a gate goes by for an image measured by the gate's own plan, its whole budget: score, and whether the
 * floor lets it through. A damaged file's image is a person's, whatever its score.
 */
export function gateScore(gate: Gate, measured: MeasuredInput, damaged: boolean): EvaluatedImage['gate'] {
  const { signal, measurement: plan, risk, confidence_floor: floor, sensitivity_limit: limit } = gate;
  const signals = servedSignals(gate, measured);
  return {
    score: rankScore({ signal, plan, risk }, measured),
    eligible:
      !damaged &&
      (floor === null || (signals.confidence ?? NaN) >= floor) &&
      isFamiliar(gate, familiarTo(gate, measured)) &&
      (limit === null || sensitivityScore(plan, measured) <= limit) &&
      Object.values(signals).every(Number.isFinite),
  };
}

/**
 * The review scores of all signals of an image, and of its agreement with the copies of each transformation
 * by itself.
 *
 * @param risk Null to do without that signal.
 */
export function signalScores(
  measured: MeasuredInput,
  risk: RiskModel | null,
): Readonly<Record<string, number>> {
  const signals = Object.entries(signalsOf(measured, risk)) as [SignalName, number][];
  return {
    ...Object.fromEntries(signals.map(([signal, value]) => [signal, reviewScore(signal, value)])),
    ...Object.fromEntries(
      (measured.transforms?.each ?? []).map(({ name, agreement }) => [
        `agreement_${name}`,
        reviewScore('agreement', agreement),
      ]),
    ),
  };
}
