import { bootstrapMetrics, differenceInterval, metricInterval } from '../../numerics/ranking/bootstrap.ts';
import {
  RANKING_METRICS,
  type RankingMetric,
  rankingMetrics,
} from '../../numerics/ranking/ranking-metrics.ts';
import { type Ranking, rankByScore, riskCoverage } from '../../numerics/ranking/ranking.ts';
import type { Uniform } from '../../numerics/random.ts';
import { type EvaluatedImage, isWrong } from './evaluated-image.ts';

/** Max-softmax: what everybody has, and what every other signal is held against. */
export const BASELINE = 'confidence';

export interface Interval {
  readonly value: number;
  /** Percentile interval of the bootstrap. */
  readonly interval: readonly [number, number];
}

export interface MetricOfSignal extends Interval {
  /** To max-softmax on the same resamples; null for max-softmax itself. */
  readonly difference: Interval | null;
}

/** How well one signal ranks errors. Not a number where every label is right, or every one wrong. */
export interface SignalComparison {
  readonly signal: string;
  readonly metrics: Readonly<Record<RankingMetric, MetricOfSignal>>;
  /** Coverage and risk at up to `CURVE_POINTS` thresholds, about evenly over the coverage. */
  readonly curve: readonly (readonly [number, number])[];
}

const CURVE_POINTS = 200;

export interface Resampling {
  readonly resamples: number;
  /** Of the intervals, in (0, 1). */
  readonly confidence: number;
  readonly uniform: Uniform;
}

/**
 * Every signal of the images against max-softmax. Versions of one picture are resampled together.
 *
 * @throws RangeError without images, without max-softmax among their signals, or with a score that is not a
 * number
 */
export function compareSignals(
  images: readonly EvaluatedImage[],
  { resamples, confidence, uniform }: Resampling,
): readonly SignalComparison[] {
  const signals = Object.keys(images[0]?.scores ?? {});
  const baseline = signals.indexOf(BASELINE);
  if (baseline < 0) throw new RangeError(`expected images with ${BASELINE}, got [${signals.join(', ')}]`);
  const wrong = images.map(isWrong);
  const rankings = signals.map((signal) =>
    rankByScore(
      images.map(({ scores }) => scores[signal] ?? NaN),
      wrong,
    ),
  );
  const values = rankings.map(rankingMetrics);
  const replicates = bootstrapMetrics(rankings, resamples, uniform, picturesOf(images));
  return signals.map((signal, s) => ({
    signal,
    metrics: Object.fromEntries(
      RANKING_METRICS.map((metric): [RankingMetric, MetricOfSignal] => [
        metric,
        {
          value: values[s]![metric],
          interval: metricInterval(replicates, s, metric, confidence),
          difference:
            s === baseline
              ? null
              : {
                  value: values[s]![metric] - values[baseline]![metric],
                  interval: differenceInterval(replicates, s, baseline, metric, confidence),
                },
        },
      ]),
    ) as Record<RankingMetric, MetricOfSignal>,
    curve: thinned(rankings[s]!),
  }));
}

/** The last point of the risk–coverage curve in each of `CURVE_POINTS` equal steps of coverage. */
function thinned(ranking: Ranking): SignalComparison['curve'] {
  const points = riskCoverage(ranking);
  const step = ({ coverage }: { readonly coverage: number }): number => Math.ceil(coverage * CURVE_POINTS);
  return points
    .filter((point, i) => i + 1 === points.length || step(points[i + 1]!) > step(point))
    .map(({ coverage, risk }) => [coverage, risk]);
}

/** The number of each image's picture, counted from 0 in the order in which they occur. */
function picturesOf(images: readonly EvaluatedImage[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(images, ({ where }) => {
    const number = numbers.get(where) ?? numbers.size;
    numbers.set(where, number);
    return number;
  });
}
