/**
 * Where should a sequence of thresholds begin and end, and how fine should its steps be? Mean coverage
 * certified over sources whose risk is known, from scores that know nothing to good ones, by the start and
 * end that `thresholdSequence` seeks, by that start without an end, and by the fewest images that can prove
 * the risk, with every score for a step and with 1% and 5% of the images.
 *
 *     node research/threshold-sequence.ts [--short]
 */
import { zeroErrorMinimum } from '../src/numerics/risk/clopper-pearson.ts';
import { createUniform } from '../src/numerics/random.ts';
import { certifyThreshold } from '../src/numerics/risk/risk-control.ts';
import type { LabelledImage } from '../src/numerics/risk/selective-risk.ts';
import { fitThresholds, thresholdSequence } from '../src/numerics/risk/threshold-sequence.ts';
import { powerSource, tiedSource } from '../support/simulated-images.ts';
import { check, describeMachine, result, short } from '../bench/harness.ts';

const RUNS = short ? 20 : 200;
const DELTA = 0.05;
const RISKS = [0.01, 0.02, 0.05];
const SIZES = [
  [300, 300],
  [300, 600],
  [1000, 1000],
  [500, 2000],
  [2500, 2500],
] as const;
const SOURCES = [
  { name: 'useless-4%', source: powerSource(0.04, 0) },
  { name: 'useless-1.5%', source: powerSource(0.015, 0) },
  { name: 'weak-6%', source: powerSource(0.06, 1) },
  { name: 'fair-4.8%', source: powerSource(0.048, 3) },
  { name: 'fair-18%', source: powerSource(0.18, 4) },
  { name: 'good-1.5%', source: powerSource(0.015, 6) },
  { name: 'good-4.8%', source: powerSource(0.048, 7.5) },
  { name: 'good-13-values', source: tiedSource(0.048, 7.5, 13) },
];

type Begin = 'sought' | 'endless' | 'fewest';

/** Scores of the fit images from the lowest on that leaves a tenth more than the fewest to be expected. */
function fromFewest(fit: readonly LabelledImage[], images: number, risk: number): Float64Array {
  const needed = (1.1 * zeroErrorMinimum({ risk, delta: DELTA }) * fit.length) / images;
  const scores = fit.map(({ score }) => score).sort((a, b) => a - b);
  const start = scores[Math.ceil(needed) - 1] ?? Infinity;
  const thresholds = fitThresholds(fit);
  const later = thresholds.filter((threshold) => threshold >= start);
  return later.length > 0 ? later : thresholds.subarray(-1);
}

/**
 * Every threshold that lies a share of the scores, uniform on (0, 1), above the one before; the first and the
 * last too.
 */
function thinned(thresholds: Float64Array, step: number): Float64Array {
  let before = -Infinity;
  return thresholds.filter((threshold, i) => {
    if (i < thresholds.length - 1 && threshold - before < step) return false;
    before = threshold;
    return true;
  });
}

const VARIANTS = (['sought', 'endless', 'fewest'] as const).flatMap((begin) =>
  [0, 0.01, 0.05].map((step) => ({ begin, step })),
);

describeMachine();
const uniform = createUniform(Uint32Array.of(4, 3, 2, 1));
const totals = new Map(VARIANTS.map((variant) => [variant, { coverage: 0, certified: 0, violated: 0 }]));
let trials = 0;
for (const [fitImages, images] of SIZES) {
  for (const risk of RISKS) {
    const target = { risk, delta: DELTA };
    for (const { name, source } of SOURCES) {
      const coverage = new Map<Begin, number>();
      for (let run = 0; run < RUNS; run++, trials++) {
        const fit = source.draw(fitImages, uniform);
        const certification = source.draw(images, uniform);
        const sought = thresholdSequence(fit, images, target);
        const sequences = {
          sought,
          endless: fitThresholds(fit).filter((threshold) => threshold >= sought[0]!),
          fewest: fromFewest(fit, images, risk),
        };
        for (const [variant, total] of totals) {
          const certified = certifyThreshold(
            thinned(sequences[variant.begin], variant.step),
            certification,
            target,
          );
          if (certified === null) continue;
          total.certified++;
          total.coverage += certified.threshold;
          if (source.risk(certified.threshold) > risk) total.violated++;
          if (variant.step === 0) {
            coverage.set(variant.begin, (coverage.get(variant.begin) ?? 0) + certified.threshold / RUNS);
          }
        }
      }
      result('threshold-sequence', {
        source: name,
        fitImages,
        images,
        risk,
        sought: coverage.get('sought') ?? 0,
        endless: coverage.get('endless') ?? 0,
        fewest: coverage.get('fewest') ?? 0,
      });
    }
  }
}
for (const [{ begin, step }, { coverage, certified, violated }] of totals) {
  const violations = violated / trials;
  check(violations < DELTA, `${violations} violations with the ${begin} start`);
  result('threshold-sequence', {
    begin,
    step,
    coverage: coverage / trials,
    certified: certified / trials,
    violations,
  });
}
