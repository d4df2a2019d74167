import type { Stretch } from './simulated-audits.ts';

export interface AuditSetting {
  readonly name: string;
  /** One after the other. */
  readonly stretches: readonly Stretch[];
  /** Stretches in a window; windows overlap where there are more. */
  readonly length: number;
}

const steady = (inputs: number, risk: number, rate: number): AuditSetting => ({
  name: `${inputs} labels, risk ${risk * 100}%, rate ${rate}`,
  stretches: [{ inputs, risk, rate }],
  length: 1,
});

/** A rate that was changed once in the window, and a risk that may have changed with it. */
const changed = (...stretches: readonly (readonly [number, number, number])[]): AuditSetting => ({
  name: stretches.map(([inputs, risk, rate]) => `${inputs} at ${risk * 100}% and rate ${rate}`).join(', '),
  stretches: stretches.map(([inputs, risk, rate]) => ({ inputs, risk, rate })),
  length: stretches.length,
});

/** Days of 200 labels each, in windows of 30 days, one a day. */
const days = (rates: readonly number[], risks: readonly number[]): AuditSetting => ({
  name:
    `30 of ${rates.length} days, 200 labels a day, risk ${risks[0]! * 100}% to ` +
    `${risks.at(-1)! * 100}%, rate ${rates[0]} to ${rates.at(-1)}`,
  stretches: rates.map((rate, i) => ({ inputs: 200, risk: risks[i]!, rate })),
  length: 30,
});

const range = (count: number, value: (i: number) => number): number[] =>
  Array.from({ length: count }, (_, i) => value(i));

/** What a service may meet: from few labels and a gate that is nearly always right to many of a poor one. */
export const AUDIT_SETTINGS: readonly AuditSetting[] = [
  steady(10_000, 0.003, 0.02),
  steady(10_000, 0.01, 0.02),
  steady(10_000, 0.02, 0.02),
  steady(10_000, 0.05, 0.02),
  steady(10_000, 0.003, 0.1),
  steady(10_000, 0.01, 0.1),
  steady(10_000, 0.02, 0.1),
  steady(10_000, 0.05, 0.1),
  steady(10_000, 0.003, 1),
  steady(10_000, 0.05, 1),
  steady(2000, 0.01, 0.1),
  steady(2000, 0.02, 0.5),
  steady(2000, 0.01, 1),
  steady(200, 0.003, 1),
  steady(200, 0.02, 1),
  steady(200, 0.05, 1),
  steady(200, 0.05, 0.5),
  changed([5000, 0.02, 0.02], [5000, 0.02, 0.1]),
  changed([5000, 0.01, 0.05], [5000, 0.03, 0.2]),
  changed([5000, 0.03, 0.05], [5000, 0.01, 0.2]),
  changed([9000, 0.02, 0.1], [1000, 0.05, 1]),
  changed([5000, 0.02, 0.02], [5000, 0.02, 1]),
  changed([4000, 0.02, 0.05], [3000, 0.02, 0.1], [3000, 0.02, 0.5]),
  days(
    range(60, () => 0.2),
    range(60, () => 0.02),
  ),
  days(
    range(60, (i) => (i < 30 ? 0.05 : 0.2)),
    range(60, (i) => 0.01 + 0.02 * (i / 59)),
  ),
];
