/**
 * The order of the queue. An image comes the earlier the further it lies out in calibration's distribution of
 * what sent it to a person: by its sensitivity alone an image that is unfamiliar would come last.
 */
import { largest } from '../numerics/extremes.ts';
import type { Calibration } from './calibration.ts';
import type { Familiar } from './familiarity.ts';
import type { Gate } from './gate.ts';
import { copiesOf, reviewScore, type SignalValues } from './signals/registry.ts';

/** Shares and values of a distribution, both ascending. */
export type Quantiles = Calibration['sensitivity_quantiles'];

/** Shares at which distributions are kept. */
const SHARES = Array.from({ length: 101 }, (_, i) => i / 100);

/** The quantiles of these values at every percent, without those that are no number; none of no value. */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (sorted.length === 0) return [];
  return SHARES.map((share) => [share, sorted[Math.round(share * (sorted.length - 1))]!]);
}

/**
 * The share of the distribution that lies below `value`, 0 to 1, linear between two quantiles. Beyond the
 * last one it goes on from 1 towards 2, by how far out the value lies, so that two such values keep their
 * order.
 */
export function placeAmong(quantiles: Quantiles, value: number): number {
  const next = quantiles.findIndex(([, at]) => at >= value);
  if (next === 0) return 0;
  if (next > 0) {
    const [share, at] = quantiles[next]!;
    const [before, from] = quantiles[next - 1]!;
    return before + ((share - before) * (value - from)) / (at - from);
  }
  const [, last = 0] = quantiles.at(-1) ?? [];
  const [, middle = 0] = quantiles[quantiles.length >> 1] ?? [];
  const beyond = (value - last) / (last > middle ? last - middle : 1);
  // Less than 0 only where there is no distribution.
  return Number.isFinite(beyond) ? 1 + beyond / (1 + Math.abs(beyond)) : 1 + Math.sign(beyond);
}

/**
 * What a gate ranks by, turned so that more means more reason for review; of a signal over copies that were
 * not asked, the confidence of the input's own answer. NaN where it was not measured.
 */
export function rankedBy({ signal }: Pick<Gate, 'signal'>, signals: SignalValues): number {
  const instead = copiesOf(signal).length > 0 ? signals.confidence : undefined;
  return reviewScore(signal, signals[signal] ?? instead ?? NaN);
}

/** What was not measured comes behind all that was: a short deadline moves nothing before it. */
const LAST = -Number.MAX_VALUE;

/**
 * Where in the queue a person gets an image, higher first: the place of the part that sent it; of the one
 * furthest out where several did, or none.
 *
 * @param signals As they were measured; empty where nothing was.
 */
export function reviewPriority(
  gate: Gate | null,
  reasons: readonly string[],
  signals: SignalValues,
  familiar: Pick<Familiar, 'score'> | null,
): number {
  const { sensitivity = NaN, confidence = NaN } = signals;
  if (!Number.isFinite(sensitivity)) return LAST;
  if (gate === null) return sensitivity;
  const {
    sensitivity_quantiles: ofSensitivity,
    rank_quantiles: ofRank,
    doubt_quantiles: ofDoubt,
  } = gate.calibration;
  const bySensitivity = placeAmong(ofSensitivity, sensitivity);
  const byRank = gate.signal === 'sensitivity' ? bySensitivity : placeAmong(ofRank, rankedBy(gate, signals));
  const places = [
    { reason: 'sensitive', place: Math.max(bySensitivity, byRank) },
    { reason: 'over_budget', place: bySensitivity },
    { reason: 'unfamiliar', place: placeOf(gate, familiar) },
    { reason: 'unconfident', place: placeAmong(ofDoubt, 1 - confidence) },
  ] as const;
  const sent = places.filter(({ reason }) => reasons.includes(reason));
  return largest((sent.length > 0 ? sent : places).map(({ place }) => (Number.isNaN(place) ? 0 : place)));
}

/** NaN where familiarity is not asked. */
function placeOf({ familiarity }: Gate, familiar: Pick<Familiar, 'score'> | null): number {
  if (familiarity === null || familiar === null) return NaN;
  const { reference } = familiarity;
  const quantiles = reference.map((score, i): [number, number] => [i / (reference.length - 1), score]);
  return placeAmong(quantiles, familiar.score);
}
