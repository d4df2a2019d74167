import { thresholdsAtCoverage, type WhatIf, whatIf } from './what-if.ts';
import { createUniform } from '../../numerics/random.ts';
import type { LabelledImage } from '../../numerics/risk/selective-risk.ts';
import { compareSignals, type SignalComparison } from './compare-signals.ts';
import { type EvaluatedImage, isWrong } from './evaluated-image.ts';
import { type GateOutcome, gateOutcome } from './gate-outcome.ts';
import { type LogHistogram, logHistogram } from './log-histogram.ts';
import { calibrationError, reliability, type ReliabilityBin } from './reliability.ts';

export const RESAMPLES = 1000;
/** Of every interval and bound in an evaluation. */
export const CONFIDENCE = 0.95;
const RELIABILITY_BINS = 12;
const HISTOGRAM_BINS = 48;
/** Shares of automatic labels of which the what-if table speaks. */
const WHAT_IF_COVERAGES = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.99, 1];

/** What a gate and all signals are worth on labelled images. */
export interface Evaluation {
  readonly images: number;
  /** Images whose predicted label is wrong. */
  readonly errors: number;
  readonly resamples: number;
  readonly confidence: number;
  readonly signals: readonly SignalComparison[];
  /** Null without a gate. */
  readonly gate: GateOutcome | null;
  readonly what_if: readonly WhatIf[];
  /** Of the sensitivity; null where it was not measured. */
  readonly sensitivity: LogHistogram | null;
  /** Of the signal `risk`; null where the gate has none. */
  readonly risk: { readonly bins: readonly ReliabilityBin[]; readonly calibration_error: number } | null;
}

export interface EvaluationTerms {
  /** C */
  readonly classes: number;
  /** Of the gate's score; null without a gate. */
  readonly threshold: number | null;
  readonly secondsPerLabel: number;
}

/**
 * Evaluates the images. The same images in the same order give the same numbers.
 *
 * @throws RangeError without images, without max-softmax among their signals, or with a score that is not a
 * number
 */
export function evaluate(
  images: readonly EvaluatedImage[],
  { classes, threshold, secondsPerLabel }: EvaluationTerms,
): Evaluation {
  const wrong = images.map(isWrong);
  const uniform = createUniform(Uint32Array.of(0xe7a1, images.length, 3, 4));
  const bins =
    images[0] && 'risk' in images[0].scores
      ? reliability(
          images.map(({ scores }) => scores['risk']!),
          wrong,
          RELIABILITY_BINS,
          1 - CONFIDENCE,
        )
      : null;
  const labelled: readonly LabelledImage[] = images.flatMap((image) =>
    image.gate === null ? [] : [{ ...image.gate, wrong: isWrong(image) }],
  );
  return {
    images: images.length,
    errors: wrong.filter((one) => one).length,
    resamples: RESAMPLES,
    confidence: CONFIDENCE,
    signals: compareSignals(images, { resamples: RESAMPLES, confidence: CONFIDENCE, uniform }),
    gate: threshold === null ? null : gateOutcome(images, classes, threshold, 1 - CONFIDENCE),
    what_if:
      threshold === null
        ? []
        : whatIf(labelled, around(threshold, thresholdsAtCoverage(labelled, WHAT_IF_COVERAGES)), {
            delta: 1 - CONFIDENCE,
            secondsPerLabel,
          }),
    sensitivity:
      images[0] && 'sensitivity' in images[0].scores
        ? logHistogram(
            images.map(({ scores }) => scores['sensitivity']!),
            wrong,
            HISTOGRAM_BINS,
          )
        : null,
    risk: bins && { bins, calibration_error: calibrationError(bins) },
  };
}

/** The thresholds with the gate's own among them, ascending. */
function around(threshold: number, thresholds: readonly number[]): readonly number[] {
  return [...new Set([...thresholds, threshold])].sort((a, b) => a - b);
}
