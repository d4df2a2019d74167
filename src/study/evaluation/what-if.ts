import { upperBound } from '../../numerics/risk/clopper-pearson.ts';
import { acceptedAt, type LabelledImage } from '../../numerics/risk/selective-risk.ts';

/** What a gate would have done to labelled images at another threshold. */
export interface WhatIf {
  /** Of the review score: accepted up to and including it. */
  readonly threshold: number;
  readonly accepted: number;
  /** Wrong labels among the accepted. */
  readonly errors: number;
  /** Share that goes to people. */
  readonly review_rate: number;
  /** Error rate among the accepted; null where none is. */
  readonly risk: number | null;
  /** One-sided upper bound of that rate at this one threshold; 1 where none is accepted. */
  readonly bound: number;
  /** That people spend on these images. */
  readonly reviewer_hours: number;
}

/** How sure the bound is, and how fast people are. */
export interface WhatIfTerms {
  /** Probability that a rate lies above its bound, in (0, 1). */
  readonly delta: number;
  readonly secondsPerLabel: number;
}

/**
 * What a gate would have done at each of the thresholds.
 *
 * Each bound holds for a threshold fixed beforehand. Whoever picks a threshold by its bound must have it
 * certified on other images.
 *
 * @param thresholds Ascending.
 */
export function whatIf(
  images: readonly LabelledImage[],
  thresholds: ArrayLike<number>,
  { delta, secondsPerLabel }: WhatIfTerms,
): readonly WhatIf[] {
  return acceptedAt(images, thresholds).map(({ accepted, errors }, i) => ({
    threshold: thresholds[i]!,
    accepted,
    errors,
    review_rate: 1 - accepted / images.length,
    risk: accepted === 0 ? null : errors / accepted,
    bound: upperBound(errors, accepted, delta),
    reviewer_hours: ((images.length - accepted) * secondsPerLabel) / 3600,
  }));
}

/**
 * Thresholds at which a gate would accept about these shares of the images; fewer where several shares have
 * one threshold, or where not so many images can be accepted at any.
 *
 * @param coverages Ascending, in (0, 1].
 */
export function thresholdsAtCoverage(
  images: readonly LabelledImage[],
  coverages: readonly number[],
): readonly number[] {
  const scores = Float64Array.from(
    images.filter(({ eligible, score }) => eligible && Number.isFinite(score)),
    ({ score }) => score,
  ).sort();
  const places = coverages.map((coverage) => Math.max(1, Math.round(coverage * images.length)) - 1);
  return [...new Set(places.flatMap((place) => (place < scores.length ? [scores[place]!] : [])))];
}
