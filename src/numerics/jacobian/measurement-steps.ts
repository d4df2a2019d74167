import type { Classifier, PullBack } from './classifier.ts';

/**
 * Points at which a measurement wants the classifier's logits. Rows are written on demand, into whatever
 * batch has room.
 */
export interface Points {
  readonly count: number;
  /** Writes point `row` into `target`, D numbers in the classifier's input units. */
  readonly write: (row: number, target: Float32Array) => void;
  /** Where it is there, J_zᵀu is wanted instead of logits: writes the u of `row` into `target`, C numbers. */
  readonly writeCotangent?: (row: number, target: Float32Array) => void;
}

/**
 * A measurement in progress: it yields the points it wants next and is resumed with their logits, (count, C)
 * row-major, or with the products J_zᵀu, (count, D).
 *
 * Placing points and reducing answers is pure; whoever drives it decides how points of many measurements
 * share batches.
 */
export type MeasurementSteps<T> = Generator<Points, T, Float32Array>;

/**
 * Drives one measurement to its end with `classify`, all wanted points in one call each time.
 *
 * @throws TypeError if it wants J_zᵀu and there is no `pullBack`.
 */
export async function runMeasurement<T>(
  measuring: MeasurementSteps<T>,
  classify: Classifier,
  dimension: number,
  pullBack?: { readonly classes: number; readonly pullBack: PullBack },
): Promise<T> {
  let step = measuring.next();
  while (!step.done) {
    const { count, write, writeCotangent } = step.value;
    const inputs = new Float32Array(count * dimension);
    for (let row = 0; row < count; row++) write(row, inputs.subarray(row * dimension, (row + 1) * dimension));
    if (writeCotangent) {
      if (!pullBack) throw new TypeError('expected a classifier with gradients: the measurement wants them');
      const { classes } = pullBack;
      const cotangents = new Float32Array(count * classes);
      for (let row = 0; row < count; row++) {
        writeCotangent(row, cotangents.subarray(row * classes, (row + 1) * classes));
      }
      step = measuring.next(await pullBack.pullBack(inputs, cotangents, count));
    } else {
      step = measuring.next(await classify(inputs, count));
    }
  }
  return step.value;
}
