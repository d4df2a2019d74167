import { bootstrapMetrics, differenceInterval } from '../../numerics/ranking/bootstrap.ts';
import { createUniform } from '../../numerics/random.ts';
import { rankByScore } from '../../numerics/ranking/ranking.ts';
import { rankingMetrics } from '../../numerics/ranking/ranking-metrics.ts';
import type { MeasurementPlan } from '../../gate/measurement-plan.ts';
import { servedScore } from '../../gate/served-score.ts';
import { needs, SIGNAL_NAMES, type SignalName } from '../../gate/signals/registry.ts';
import type { MeasuredImage } from '../measuring/measured-image.ts';
import { crossFitRisk } from './cross-fit.ts';

/** How the signals rank the errors of the same images, best first. */
export interface Standing {
  readonly signal: SignalName;
  /** Area under the generalised risk–coverage curve (Traub et al. 2024); less is better. */
  readonly augrc: number;
  /** Of this one's less the first one's, over the same resamples, at 95% confidence. */
  readonly behind: readonly [number, number];
}

const RESAMPLES = 1000;
const SEED = Uint32Array.of(20, 24, 7, 1);

/**
 * The scores that a gate on each signal would serve for the images of `short`, one an image.
 *
 * A signal that needs a fitted model is scored by models of other images, and left out where none can be
 * fitted.
 *
 * @param short The images as a gate on any signal but the sensitivity measures them, transformed copies
 * included.
 * @param learning The same images as calibration measures them to learn the plan `learned` of a gate on the
 * sensitivity.
 */
export function scoresBySignal(
  short: readonly MeasuredImage[],
  learning: readonly MeasuredImage[],
  learned: MeasurementPlan,
): ReadonlyMap<SignalName, readonly number[]> {
  const crossFit = crossFitRisk(short);
  const learnedOf = new Map(learning.map(({ hash, estimate }) => [hash, estimate]));
  const scores = new Map<SignalName, readonly number[]>();
  for (const signal of SIGNAL_NAMES) {
    if (needs(signal, 'risk_model') && crossFit === null) continue;
    scores.set(
      signal,
      short.map(({ where, hash, estimate }) => {
        const measured = signal === 'sensitivity' ? (learnedOf.get(hash) ?? estimate) : estimate;
        return servedScore(signal, learned, measured, crossFit && crossFit(where));
      }),
    );
  }
  return scores;
}

/**
 * Ranks signals by the AUGRC of their scores.
 *
 * @param scores Of the same images for every signal; more means more reason for review.
 * @throws RangeError without a signal
 */
export function rankSignals(
  scores: ReadonlyMap<SignalName, readonly number[]>,
  wrong: readonly boolean[],
): readonly Standing[] {
  const ranked = [...scores]
    .map(([signal, values]) => {
      // What was never decided is reviewed last.
      const ranking = rankByScore(
        Float64Array.from(values, (value) => Math.min(value, Number.MAX_VALUE)),
        wrong,
      );
      return { signal, ranking, augrc: rankingMetrics(ranking).augrc };
    })
    .sort((a, b) => a.augrc - b.augrc);
  const replicates = bootstrapMetrics(
    ranked.map(({ ranking }) => ranking),
    RESAMPLES,
    createUniform(SEED),
  );
  return ranked.map(({ signal, augrc }, place) => ({
    signal,
    augrc,
    behind: differenceInterval(replicates, place, 0, 'augrc', 0.95),
  }));
}
