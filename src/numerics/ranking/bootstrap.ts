import { harmonicNumbers, RANKING_METRICS, type RankingMetric, writeMetrics } from './ranking-metrics.ts';
import type { Ranking } from './ranking.ts';
import type { Uniform } from '../random.ts';

/** The metrics of several rankings of the same images over the same resamples. */
export interface Replicates {
  readonly resamples: number;
  readonly rankings: number;
  /** (resamples, rankings, metrics) row-major, metrics in the order of `RANKING_METRICS`. */
  readonly values: Float64Array;
}

/**
 * Draws the images with replacement, `resamples` times, and measures each ranking on every draw.
 *
 * All rankings see the same draws, so that differences between them are paired. What is drawn is how often
 * each image counts: no ranking is sorted again, and a resample costs O(n) a ranking.
 *
 * @param rankings Of the same images, each by another score.
 * @param pictures Which picture, counted from 0, each ranked image is a version of; versions of one picture
 *   are drawn together, since they are not independent. Without it each image is its own picture.
 * @throws RangeError without a ranking or a resample, or where the rankings are of unequal length
 * @see Efron (1979), Ann. Statist. 7(1).
 */
export function bootstrapMetrics(
  rankings: readonly Ranking[],
  resamples: number,
  uniform: Uniform,
  pictures?: Uint32Array,
): Replicates {
  const n = rankings[0]?.order.length ?? 0;
  if (!(resamples >= 1) || n === 0 || rankings.some(({ order }) => order.length !== n)) {
    throw new RangeError(
      `expected resamples of rankings of the same images, got ${resamples} of [${rankings
        .map(({ order }) => order.length)
        .join(', ')}]`,
    );
  }
  if (pictures && pictures.length !== n) {
    throw new RangeError(`expected the picture of each of ${n} images, got ${pictures.length}`);
  }
  const versions = versionsOf(pictures ?? Uint32Array.from({ length: n }, (_, i) => i));
  // A draw of pictures with many versions has more images than there are.
  const harmonic = harmonicNumbers(
    versions.length * versions.reduce((most, of) => Math.max(most, of.length), 0),
  );
  const counts = new Uint16Array(n);
  const metrics = RANKING_METRICS.length;
  const values = new Float64Array(resamples * rankings.length * metrics);
  let offset = 0;
  for (let resample = 0; resample < resamples; resample++) {
    counts.fill(0);
    for (let draw = 0; draw < versions.length; draw++) {
      for (const image of versions[Math.floor(versions.length * uniform())]!) counts[image]!++;
    }
    for (const ranking of rankings) {
      writeMetrics(ranking, counts, harmonic, values, offset);
      offset += metrics;
    }
  }
  return { resamples, rankings: rankings.length, values };
}

/** The images that are versions of each picture. */
function versionsOf(pictures: Uint32Array): readonly (readonly number[])[] {
  const versions: number[][] = [];
  pictures.forEach((picture, image) => (versions[picture] ??= []).push(image));
  return versions.filter((of) => of.length > 0);
}

/** Percentile interval of one ranking's metric, of this confidence. NaN where no resample has the metric. */
export function metricInterval(
  replicates: Replicates,
  ranking: number,
  metric: RankingMetric,
  confidence: number,
): readonly [number, number] {
  return percentileInterval(replicatesOf(replicates, ranking, metric), confidence);
}

/** Percentile interval of a metric of `ranking` less that of `other`, on the same resamples. */
export function differenceInterval(
  replicates: Replicates,
  ranking: number,
  other: number,
  metric: RankingMetric,
  confidence: number,
): readonly [number, number] {
  const differences = replicatesOf(replicates, ranking, metric);
  const subtracted = replicatesOf(replicates, other, metric);
  for (let i = 0; i < differences.length; i++) differences[i] = differences[i]! - subtracted[i]!;
  return percentileInterval(differences, confidence);
}

/**
 * The middle `confidence` of the values, by linear interpolation between them; those that are NaN are left
 * out.
 *
 * @throws RangeError unless 0 < confidence < 1
 */
export function percentileInterval(values: Float64Array, confidence: number): readonly [number, number] {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`expected 0 < confidence < 1, got ${confidence}`);
  }
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const quantile = (p: number): number => {
    const at = p * (sorted.length - 1);
    const low = Math.floor(at);
    const below = sorted[low] ?? NaN;
    const above = sorted[low + 1] ?? below;
    return below + (at - low) * (above - below);
  };
  return [quantile((1 - confidence) / 2), quantile((1 + confidence) / 2)];
}

function replicatesOf(
  { resamples, rankings, values }: Replicates,
  ranking: number,
  metric: RankingMetric,
): Float64Array {
  if (!(ranking >= 0 && ranking < rankings)) {
    throw new RangeError(`expected one of ${rankings} rankings, got ${ranking}`);
  }
  const first = ranking * RANKING_METRICS.length + RANKING_METRICS.indexOf(metric);
  const stride = rankings * RANKING_METRICS.length;
  return Float64Array.from({ length: resamples }, (_, resample) => values[first + resample * stride]!);
}
