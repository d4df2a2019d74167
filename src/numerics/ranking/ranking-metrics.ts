import type { Ranking } from './ranking.ts';

/** Error rates at which the coverage of a ranking is told. */
const TARGET_RISKS = [0.005, 0.01, 0.02, 0.05] as const;

/** What is measured of a ranking, in the order in which `writeMetrics` writes. */
export const RANKING_METRICS = [
  'auroc',
  'aurc',
  'excess_aurc',
  'augrc',
  'fpr_at_95_tpr',
  'coverage_at_0.5%',
  'coverage_at_1%',
  'coverage_at_2%',
  'coverage_at_5%',
] as const;

export type RankingMetric = (typeof RANKING_METRICS)[number];

/**
 * How well a ranking tells wrong labels from right ones. With N images, E of them wrong and e = E/N:
 *
 * - `auroc`: P(a wrong one scores higher than a right one), equal scores counting half.
 * - `aurc`: mean over k = 1…N of the error rate among the k lowest scores (Geifman, Uziel & El-Yaniv 2019,
 *   ICLR).
 * - `excess_aurc`: `aurc` less the optimum e + (1−e) ln(1−e), which a perfect ranking of finite N exceeds by
 *   about e/2N.
 * - `augrc`: area under errors accepted / N over coverage, by trapezoids: (1−auroc) e (1−e) + e²/2 (Traub et
 *   al. 2024, NeurIPS).
 * - `fpr_at_95_tpr`: share of right labels sent to review with the 95% of the wrong ones that score highest.
 * - `coverage_at_r`: the largest share that a threshold can accept with an error rate of at most r among it;
 *   0 where none can.
 *
 * Of equal scores the first four take the mean over their random orders and `fpr_at_95_tpr` the straight line
 * of the ROC curve; a threshold takes all of them or none. `auroc` and `fpr_at_95_tpr` are NaN where all
 * labels are right, or all wrong.
 */
export function rankingMetrics(ranking: Ranking): Readonly<Record<RankingMetric, number>> {
  const n = ranking.order.length;
  const values = new Float64Array(RANKING_METRICS.length);
  writeMetrics(ranking, new Uint16Array(n).fill(1), harmonicNumbers(n), values, 0);
  return Object.fromEntries(RANKING_METRICS.map((metric, m) => [metric, values[m]!])) as Record<
    RankingMetric,
    number
  >;
}

/** H_0, H_1, …, H_n with H_k = 1 + 1/2 + … + 1/k. */
export function harmonicNumbers(n: number): Float64Array {
  const harmonic = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) harmonic[k] = harmonic[k - 1]! + 1 / k;
  return harmonic;
}

/**
 * Writes the metrics of a resample of the ranked images to `target` from `offset` on, in O(n) and without
 * allocation.
 *
 * Within a group of c images with w wrong, after N with E wrong, the expected errors among the first N + j
 * are E + j w/c. Their rates sum to w + (E − N w/c)(H_{N+c} − H_N).
 *
 * @param counts How often each image was drawn, indexed by image.
 * @param harmonic H_0 to H_N at least, N the sum of `counts`.
 */
export function writeMetrics(
  { order, wrong, groupEnds }: Ranking,
  counts: Uint16Array,
  harmonic: Float64Array,
  target: Float64Array,
  offset: number,
): void {
  let images = 0;
  let errors = 0;
  for (let place = 0; place < order.length; place++) {
    const drawn = counts[order[place]!]!;
    images += drawn;
    errors += drawn * wrong[place]!;
  }
  const rights = images - errors;
  /** Wrong labels that escape review where 95% of them are caught. */
  const escaping = errors / 20;
  let rateSum = 0;
  let inversions = 0;
  let rightsKept = NaN;
  const coverages = offset + RANKING_METRICS.indexOf('coverage_at_0.5%');
  target.fill(0, coverages, coverages + TARGET_RISKS.length);
  let n = 0;
  let e = 0;
  for (let group = 0, place = 0; group < groupEnds.length; group++) {
    const before = n;
    const errorsBefore = e;
    for (const end = groupEnds[group]!; place < end; place++) {
      const drawn = counts[order[place]!]!;
      n += drawn;
      e += drawn * wrong[place]!;
    }
    const c = n - before;
    if (c === 0) continue;
    const w = e - errorsBefore;
    rateSum += w + (errorsBefore - (before * w) / c) * (harmonic[n]! - harmonic[before]!);
    inversions += (c - w) * (errorsBefore + w / 2);
    if (errorsBefore <= escaping && e > escaping) {
      rightsKept = before - errorsBefore + ((escaping - errorsBefore) / w) * (c - w);
    }
    for (let r = 0; r < TARGET_RISKS.length; r++) {
      // Of whole numbers this division is the number nearest to their ratio, as the target's literal is.
      if (e / n <= TARGET_RISKS[r]!) target[coverages + r] = n / images;
    }
  }
  const rate = errors / images;
  target[offset] = 1 - inversions / (errors * rights);
  target[offset + 1] = rateSum / images;
  target[offset + 2] = rateSum / images - rate - (rights === 0 ? 0 : (1 - rate) * Math.log1p(-rate));
  target[offset + 3] = (inversions + (errors * errors) / 2) / (images * images);
  target[offset + 4] = 1 - rightsKept / rights;
}
