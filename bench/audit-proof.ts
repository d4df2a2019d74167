/**
 * How often does an audit that is looked at after every label cry wolf, and how soon does it find a break?
 * Years of 100 audits a day are drawn at the promise exactly, and breaks after 3,000 good labels.
 *
 *     node bench/audit-proof.ts [--short]
 */
import { smallest } from '../src/numerics/extremes.ts';
import { createUniform, forkSeed } from '../src/numerics/random.ts';
import { upperBound } from '../src/numerics/risk/clopper-pearson.ts';
import { PROOF_LIMIT } from '../src/oversight/proof-limit.ts';
import { labelsToFind, provenWithin } from '../support/simulated-years.ts';
import { check, median, result, short } from './harness.ts';

const SEED = Uint32Array.of(14, 5, 365, 100);
const YEAR = 365 * 100;
const PROMISES = [0.005, 0.02, 0.1];
const YEARS = short ? 1000 : 10_000;
const RUNS = short ? 500 : 5000;
const MOST_YEARLY = 0.015;
/** Of promises of 2%, as a median. */
const MOST_LABELS = { 2: 1150, 4: 220 } as const;

let part = 0;
for (const promised of PROMISES) {
  const year = { promised, limit: PROOF_LIMIT };
  for (const share of [1, 0.5]) {
    const uniform = createUniform(forkSeed(SEED, part++));
    let broken = 0;
    for (let i = 0; i < YEARS; i++) if (provenWithin(year, share * promised, YEAR, uniform)) broken++;
    const upper = upperBound(broken, YEARS, 0.05);
    check(short || upper <= MOST_YEARLY, `${broken} of ${YEARS} years are called broken at ${promised}`);
    result('audit-proof-years', {
      ...{ promised, times_promised: share, years: YEARS, broken },
      share: broken / YEARS,
      upper95: upper,
    });
  }
  for (const multiple of [1.5, 2, 4, 10] as const) {
    const uniform = createUniform(forkSeed(SEED, part++));
    const found = Array.from({ length: RUNS }, () => labelsToFind(year, 3000, multiple, uniform) ?? Infinity);
    const middle = median(found);
    if (promised === 0.02 && multiple in MOST_LABELS) {
      const most = MOST_LABELS[multiple as keyof typeof MOST_LABELS];
      check(middle <= most, `the median of labels until ${multiple} times is found is ${middle}`);
    }
    result('audit-proof-labels', {
      ...{ promised, times_promised: multiple, runs: RUNS, median: middle },
      least: smallest(found),
    });
  }
}
