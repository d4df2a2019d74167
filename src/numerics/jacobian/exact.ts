import type { Measurement } from './measurement.ts';
import type { MeasurementSteps } from './measurement-steps.ts';
import { requireFinite } from './not-measurable-error.ts';
import { basePoint, type Input, pairsPerCoordinate, realisedSpan } from './probes.ts';
import { argmax, directionalChange, softmax } from './softmax.ts';

/**
 * Displacement of one coordinate in pixel intensity; chosen by measurement, see
 * docs/decisions/0003-smooth-models.md.
 */
export const EXACT_STEP = 3e-3;

/** Coordinates asked for at a time: 2 × 64 points fill a batch and let other measurements in between. */
const COORDINATES_PER_LOOK = 64;

export interface ExactMeasurement extends Measurement {
  /** ‖∂p/∂x_i‖² for every coordinate i, D numbers. Their sum is sensitivity². */
  readonly coordinateSquares: Float64Array;
}

/**
 * ‖∂p/∂x‖_F by central differences along every coordinate. Cost: 1 + 2D forward passes.
 *
 * @param step Displacement of the coordinate, in pixel intensity.
 * @throws NotMeasurableError
 */
export function* exactSensitivity(input: Input, step = EXACT_STEP): MeasurementSteps<ExactMeasurement> {
  const dimension = input.values.length;
  const base = yield basePoint(input);
  requireFinite(base);
  const probabilities = softmax(base);
  const predicted = argmax(probabilities);
  const classes = probabilities.length;

  const coordinateSquares = new Float64Array(dimension);
  const dz = new Float64Array(classes);
  let probabilitySum = 0;
  let logProbabilitySum = 0;
  let logitSum = 0;
  let bendSum = 0;
  let changeSum = 0;
  for (let from = 0; from < dimension; from += COORDINATES_PER_LOOK) {
    const to = Math.min(dimension, from + COORDINATES_PER_LOOK);
    const answers = yield pairsPerCoordinate(input, from, to, step);
    requireFinite(answers);
    for (let i = from; i < to; i++) {
      const plus = 2 * (i - from) * classes;
      const minus = plus + classes;
      const span = realisedSpan(input, i, step);
      for (let c = 0; c < classes; c++) {
        const difference = answers[plus + c]! - answers[minus + c]!;
        changeSum += difference * difference;
        bendSum += (answers[plus + c]! + answers[minus + c]! - 2 * base[c]!) ** 2;
        dz[c] = difference / span;
      }
      const change = directionalChange(probabilities, predicted, dz);
      coordinateSquares[i] = change.probabilities;
      probabilitySum += change.probabilities;
      logProbabilitySum += change.logProbability;
      logitSum += change.logits;
    }
  }
  return {
    logits: base,
    probabilities,
    predicted,
    sensitivity: Math.sqrt(probabilitySum),
    interval: null,
    confidence: 1,
    logSensitivity: Math.sqrt(logProbabilitySum),
    logitSensitivity: Math.sqrt(logitSum),
    verdict: null,
    method: 'exact',
    probes: dimension,
    passes: 1 + 2 * dimension,
    rounds: [],
    looks: [],
    asymmetry: changeSum > 0 ? Math.sqrt(bendSum / changeSum) : 0,
    coordinateSquares,
  };
}
