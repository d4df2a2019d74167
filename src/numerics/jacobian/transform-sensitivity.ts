import type { ImageShape } from './image-shape.ts';
import type { MeasurementSteps } from './measurement-steps.ts';
import { requireFinite } from './not-measurable-error.ts';
import type { Input } from './probes.ts';
import { softmax } from './softmax.ts';
import { copiesOf, type Transform, type TransformName, writeTransformed } from './transforms.ts';

export interface TransformMeasurement {
  /** ‖∂p/∂θ‖_F over the family, probability per natural step. */
  readonly sensitivity: number;
  /** Mean probability of the predicted class over all transformed copies, 0 to 1. */
  readonly agreement: number;
  /** The same two for each transformation alone. */
  readonly each: readonly {
    readonly name: TransformName;
    readonly sensitivity: number;
    readonly agreement: number;
  }[];
  readonly passes: number;
}

/**
 * Measures how the probabilities change along small transformations of the picture.
 *
 * Central differences at plus and minus one natural step, (p₊ − p₋)/2; for mirror, which has no in-between,
 * p(mirror) − p. Steps are large enough that float64 softmaxes of float32 logits can be subtracted. Cost: two
 * passes a transformation, one for mirror.
 *
 * @param p Probabilities at the input itself.
 * @throws NotMeasurableError
 */
export function* measureTransforms(
  input: Input,
  shape: ImageShape,
  family: readonly Transform[],
  p: Float64Array,
  predicted: number,
): MeasurementSteps<TransformMeasurement> {
  const copies = family.flatMap((transform) =>
    copiesOf(transform) === 2
      ? ([
          [transform, 1],
          [transform, -1],
        ] as const)
      : ([[transform, 1]] as const),
  );
  const answers = yield {
    count: copies.length,
    write: (row, target) => {
      const [transform, sign] = copies[row]!;
      writeTransformed(input, shape, transform, sign, target);
    },
  };
  requireFinite(answers);
  const classes = p.length;
  let row = 0;
  const each = family.map((transform) => {
    const plus = softmax(answers, row++ * classes, classes);
    const minus = copiesOf(transform) === 2 ? softmax(answers, row++ * classes, classes) : p;
    const divisor = copiesOf(transform);
    let squares = 0;
    for (let c = 0; c < classes; c++) squares += ((plus[c]! - minus[c]!) / divisor) ** 2;
    const agreement =
      copiesOf(transform) === 2 ? (plus[predicted]! + minus[predicted]!) / 2 : plus[predicted]!;
    return { name: transform.name, sensitivity: Math.sqrt(squares), agreement };
  });
  const weighted = family.reduce((sum, transform, i) => sum + copiesOf(transform) * each[i]!.agreement, 0);
  return {
    sensitivity: Math.sqrt(each.reduce((sum, { sensitivity }) => sum + sensitivity ** 2, 0)),
    agreement: weighted / copies.length,
    each,
    passes: copies.length,
  };
}
