/**
 * How often does the audit's 95% interval hold the true selective risk, where the truth is known? Histories
 * of audits are drawn and estimated as the service does; the exact interval stands beside the one that is
 * reported.
 *
 *     node research/audit-coverage.ts [--short]
 */
import { clopperPearson } from '../src/numerics/risk/clopper-pearson.ts';
import { midPInterval } from '../src/numerics/risk/mid-p.ts';
import { AUDIT_SETTINGS } from '../support/audit-settings.ts';
import { heaviestErrors, simulateAudits } from '../support/simulated-audits.ts';
import { check, result, short } from '../bench/harness.ts';
import { largest, smallest } from '../src/numerics/extremes.ts';

const RUNS = short ? 1000 : 10_000;
/** Each has 31 windows. */
const RUNS_OF_DAYS = 1000;

AUDIT_SETTINGS.forEach(({ name, stretches, length }, i) => {
  const runs = length === stretches.length ? RUNS : RUNS_OF_DAYS;
  const coverage = simulateAudits(stretches, length, runs, Uint32Array.of(19, 61, 7, i + 1));
  check(coverage.exact > 0.945, `the exact interval of ${name} covers ${coverage.exact}`);
  result('audit-coverage', {
    setting: name.replaceAll(' ', '-'),
    heaviest: heaviestErrors(stretches, length),
    ...coverage,
  });
});

const TRIALS = 2000;
const RISKS = 400;
const BANDS = [
  [0.02, 1],
  [1, 3],
  [3, 5],
  [5, 10],
  [10, 20],
  [20, 50],
  [50, 100],
] as const;

/** Of one rate the coverage can be summed over all counts of errors, at each of many risks. */
function exactCoverage(intervalOf: (errors: number) => readonly [number, number], expected: number): number {
  const risk = expected / TRIALS;
  let probability = Math.exp(TRIALS * Math.log1p(-risk));
  let coverage = 0;
  for (let errors = 0; errors < expected + 9 * Math.sqrt(expected) + 12; errors++) {
    const [low, high] = intervalOf(errors);
    if (low <= risk && risk <= high) coverage += probability;
    probability *= (((TRIALS - errors) / (errors + 1)) * risk) / (1 - risk);
  }
  return coverage;
}

function remembered(interval: (errors: number) => readonly [number, number]): typeof interval {
  const known = new Map<number, readonly [number, number]>();
  return (errors) => {
    const found = known.get(errors) ?? interval(errors);
    known.set(errors, found);
    return found;
  };
}

const intervals = {
  reported: remembered((errors) => midPInterval([{ errors, trials: TRIALS, weight: 1 }], 0.05)),
  exact: remembered((errors) => clopperPearson(errors, TRIALS, 0.05)),
};
for (const [least, most] of BANDS) {
  for (const [name, intervalOf] of Object.entries(intervals)) {
    const coverages = Array.from({ length: RISKS }, (_, i) =>
      exactCoverage(intervalOf, least + ((most - least) * (i + 0.5)) / RISKS),
    );
    const outside = coverages.filter((coverage) => coverage < 0.93 || coverage > 0.97);
    result('audit-coverage-by-count', {
      errors: `${least}-${most}`,
      interval: name,
      least: smallest(coverages),
      mean: coverages.reduce((sum, coverage) => sum + coverage, 0) / RISKS,
      most: largest(coverages),
      outside: outside.length / RISKS,
    });
  }
}
