import { estimateFromAudit } from '../src/oversight/audit-estimate.ts';
import type { AuditOutcome } from '../src/store/audit-outcomes.ts';
import { OTHER_STREAMS } from '../src/store/stream-group.ts';
import { createUniform, type Uniform } from '../src/numerics/random.ts';
import { smallest } from '../src/numerics/extremes.ts';

/** Automatic labels of a stretch of time in which neither their risk nor the audit's rate changed. */
export interface Stretch {
  readonly inputs: number;
  /** Probability that an automatic label is wrong. */
  readonly risk: number;
  /** Probability that one is audited. */
  readonly rate: number;
}

/** How often two intervals hold a truth that is known. */
export interface Coverage {
  readonly runs: number;
  /** By the interval that is reported, and by the exact one. */
  readonly reported: number;
  readonly exact: number;
  /** That the reported one holds the share of the window's own labels that are wrong. */
  readonly realised: number;
  /** Mean of audited labels that are wrong, in a window. */
  readonly errors: number;
  readonly width: number;
  readonly exactWidth: number;
  /** Shares of windows whose exact interval lies above the truth, or below it. */
  readonly above: number;
  readonly below: number;
}

/**
 * Draws `runs` histories of audits and asks in each, at every window of `length` stretches, whether the
 * interval holds the true risk.
 *
 * A window's true risk is the mean of its stretches' risks, by inputs. Each run promises just this risk.
 */
export function simulateAudits(
  stretches: readonly Stretch[],
  length: number,
  runs: number,
  seed: Uint32Array,
): Coverage {
  const uniform = createUniform(seed);
  const draw = {
    reported: 0,
    exact: 0,
    realised: 0,
    errors: 0,
    width: 0,
    exactWidth: 0,
    above: 0,
    below: 0,
  };
  let windows = 0;
  for (let run = 0; run < runs; run++) {
    const history = stretches.map((stretch) => drawStretch(stretch, uniform));
    for (let first = 0; first + length <= stretches.length; first++, windows++) {
      const within = stretches.slice(first, first + length);
      const drawn = history.slice(first, first + length);
      const inputs = sumOf(within, (stretch) => stretch.inputs);
      const truth = sumOf(within, (stretch) => stretch.inputs * stretch.risk) / inputs;
      const share = sumOf(drawn, ({ wrong }) => wrong) / inputs;
      const estimate = cachedEstimate(
        drawn.flatMap(({ outcomes }) => outcomes),
        truth,
      );
      const { interval, exact_interval: exact } = estimate;
      if (interval[0] <= truth && truth <= interval[1]) draw.reported++;
      if (exact[0] <= truth && truth <= exact[1]) draw.exact++;
      if (interval[0] <= share && share <= interval[1]) draw.realised++;
      if (exact[0] > truth) draw.above++;
      if (exact[1] < truth) draw.below++;
      draw.errors += estimate.errors;
      draw.width += interval[1] - interval[0];
      draw.exactWidth += exact[1] - exact[0];
    }
  }
  const mean = Object.fromEntries(Object.entries(draw).map(([name, sum]) => [name, sum / windows]));
  return { ...(mean as Record<keyof typeof draw, number>), runs };
}

/**
 * Errors to be expected among the audits of a window that speak for the most inputs; the fewer, the coarser
 * the interval.
 */
export function heaviestErrors(stretches: readonly Stretch[], length: number): number {
  const rarest = smallest(stretches.map(({ rate }) => rate));
  const errors = sumOf(stretches, ({ inputs, risk, rate }) => (rate === rarest ? inputs * risk * rate : 0));
  return (errors * length) / stretches.length;
}

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, value) => sum + of(value), 0);
}

interface Drawn {
  readonly outcomes: readonly AuditOutcome[];
  /** Audited or not. */
  readonly wrong: number;
}

function drawStretch({ inputs, risk, rate }: Stretch, uniform: Uniform): Drawn {
  const audited = binomial(inputs, rate, uniform);
  const errors = binomial(audited, risk, uniform);
  const alike = { inclusionProbability: rate, stream: OTHER_STREAMS };
  const outcomes = [
    { ...alike, agrees: true, count: audited - errors },
    { ...alike, agrees: false, count: errors },
  ].filter(({ count }) => count > 0);
  return { outcomes, wrong: errors + binomial(inputs - audited, risk, uniform) };
}

/** Successes among `trials`, by the gaps between them, which are geometric: as many draws as successes. */
function binomial(trials: number, probability: number, uniform: Uniform): number {
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - binomial(trials, 1 - probability, uniform);
  const scale = Math.log1p(-probability);
  let successes = -1;
  for (let at = 0; at <= trials; successes++) at += 1 + Math.floor(Math.log(1 - uniform()) / scale);
  return successes;
}

const known = new Map<string, ReturnType<typeof estimateFromAudit>>();

/** The same counts come again and again. */
function cachedEstimate(
  outcomes: readonly AuditOutcome[],
  promised: number,
): ReturnType<typeof estimateFromAudit> {
  const counts = Map.groupBy(outcomes, ({ inclusionProbability }) => inclusionProbability);
  const key = [...counts].map(
    ([rate, rows]) =>
      `${rate} ${sumOf(rows, ({ count }) => count)} ${sumOf(rows, ({ agrees, count }) => (agrees ? 0 : count))}`,
  );
  const name = `${promised} ${key.join(', ')}`;
  const found = known.get(name) ?? estimateFromAudit(outcomes, promised, 0.95);
  known.set(name, found);
  return found;
}
