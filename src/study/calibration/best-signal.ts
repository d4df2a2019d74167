import { bootstrapMetrics, differenceInterval } from '../../numerics/ranking/bootstrap.ts';
import { createUniform } from '../../numerics/random.ts';
import { rankByScore } from '../../numerics/ranking/ranking.ts';
import { rankingMetrics } from '../../numerics/ranking/ranking-metrics.ts';
import type { Signal } from '../../gate/signals.ts';

/** How the signals rank the errors of the same images, best first. */
export interface Standing {
  readonly signal: Signal;
  /** Area under the generalised risk–coverage curve (Traub et al. 2024); less is better. */
  readonly augrc: number;
  /** Of this one's less the first one's, over the same resamples, at 95% confidence. */
  readonly behind: readonly [number, number];
}

const RESAMPLES = 1000;
const SEED = Uint32Array.of(20, 24, 7, 1);

/**
 * Compares signals by the AUGRC of their scores.
 *
 * @param scores Of the same images for every signal; more means more reason for review.
 * @throws RangeError without a signal
 */
export function compareSignals(
  scores: ReadonlyMap<Signal, readonly number[]>,
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
