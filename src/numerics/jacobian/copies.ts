import type { ImageShape } from './image-shape.ts';
import type { MeasurementSteps } from './measurement-steps.ts';
import { requireFinite } from './not-measurable-error.ts';
import type { Input } from './probes.ts';
import { softmax } from './softmax.ts';
import { type Transform, writeTransformed } from './transforms.ts';

/** Single copies of a picture: one transformation, one step to one side, one pass each. */
const COPIES = {
  mirror: { name: 'mirror', step: 1 },
  shift_right: { name: 'shift_x', step: 1 / 28 },
  shift_down: { name: 'shift_y', step: 1 / 28 },
  rotation: { name: 'rotation', step: 8 },
} as const satisfies Readonly<Record<string, Transform>>;

export type CopyName = keyof typeof COPIES;

export const COPY_NAMES = Object.keys(COPIES) as readonly CopyName[];

/** By copy: the probability there of the class that is predicted at the picture itself, 0 to 1. */
export type CopyConfidences = Readonly<Partial<Record<CopyName, number>>>;

/** Which copies are measured, and of which pictures. */
export interface CopyPlan {
  readonly names: readonly CopyName[];
  /** Only where the predicted class's probability lies strictly between these two. */
  readonly between: readonly [number, number];
}

/** Whether the answer to the picture itself leaves open what its copies are asked for. */
export function asksCopies(
  { between: [least, most] }: Pick<CopyPlan, 'between'>,
  confidence: number,
): boolean {
  return confidence > least && confidence < most;
}

/**
 * The predicted class's probability at each copy, all in one turn.
 *
 * @throws NotMeasurableError
 */
export function* measureCopies(
  input: Input,
  shape: ImageShape,
  names: readonly CopyName[],
  classes: number,
  predicted: number,
): MeasurementSteps<CopyConfidences> {
  const answers = yield {
    count: names.length,
    write: (row, target) => {
      writeTransformed(input, shape, COPIES[names[row]!], 1, target);
    },
  };
  requireFinite(answers);
  return Object.fromEntries(
    names.map((name, row) => [name, softmax(answers, row * classes, classes)[predicted]!]),
  );
}
