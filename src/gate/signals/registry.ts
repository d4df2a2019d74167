/**
 * The signals. A new one is a file of this folder, an entry here, and a style of its line in
 * study/report/signal-style.ts: what is served, calibrated, compared, drawn and accepted in a gate file
 * follows from them.
 */
import { agreement } from './agreement.ts';
import { confidence } from './confidence.ts';
import { entropy } from './entropy.ts';
import { logSensitivity } from './log-sensitivity.ts';
import { margin } from './margin.ts';
import type { MeasuredInput } from './measured-input.ts';
import { risk } from './risk.ts';
import type { RiskModel } from './risk-model.ts';
import { sensitivity } from './sensitivity.ts';
import type { Need, Signal } from './signal.ts';
import { transformSensitivity } from './transform-sensitivity.ts';

/** By the name that the signal has in gate files, answers and on the command line. */
export const SIGNALS = {
  sensitivity,
  log_sensitivity: logSensitivity,
  transform_sensitivity: transformSensitivity,
  agreement,
  confidence,
  margin,
  entropy,
  risk,
} satisfies Readonly<Record<string, Signal>>;

export type SignalName = keyof typeof SIGNALS;

export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

/** The values of the signals that were measured. */
export type SignalValues = Readonly<Partial<Record<SignalName, number>>>;

/**
 * The signals of one measured input.
 *
 * @param risk Null where the gate has no model of it.
 */
export function signalsOf(measured: MeasuredInput, risk: RiskModel | null): SignalValues {
  return Object.fromEntries(
    SIGNAL_NAMES.flatMap((name) => {
      const value = SIGNALS[name].of(measured, risk);
      return value === null ? [] : [[name, value]];
    }),
  );
}

export function needs(name: SignalName, need: Need): boolean {
  return SIGNALS[name].needs.includes(need);
}

/** The signal turned so that more means more reason to ask a person. Turns a score back as well. */
export function reviewScore(name: SignalName, value: number): number {
  return SIGNALS[name].safe === 'high' ? -value : value;
}
