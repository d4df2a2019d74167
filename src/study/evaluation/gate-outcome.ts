import { clopperPearson } from '../../numerics/risk/clopper-pearson.ts';
import { accepts } from '../../numerics/risk/selective-risk.ts';
import { type EvaluatedImage, isWrong } from './evaluated-image.ts';

/** How many labels of a kind were given, and how many of them are wrong. */
export interface ErrorCount {
  readonly labels: number;
  readonly errors: number;
  /** Null where there are no labels. */
  readonly risk: number | null;
  /** Exact two-sided interval of the risk, by Clopper and Pearson. */
  readonly interval: readonly [number, number];
}

export interface ClassOutcome {
  /** Index among the model's labels. */
  readonly label: number;
  /** Images that are of this class. */
  readonly images: number;
  /** Of which the classifier calls something else. */
  readonly errors: number;
  /** Null without images. */
  readonly accuracy: number | null;
  /** Share of the images that the gate labels; null without images. */
  readonly coverage: number | null;
  /** Of the images of this class that the gate labels. */
  readonly automatic: ErrorCount;
  /** Of all images to which the gate gives this label. */
  readonly given: ErrorCount;
}

/** What the current gate does to the images, all together and class by class. */
export interface GateOutcome {
  readonly coverage: number;
  readonly automatic: ErrorCount;
  readonly classes: readonly ClassOutcome[];
}

/**
 * @param threshold Of the gate's score. Without a gate no image is labelled.
 * @param miss Probability that an interval misses the rate.
 */
export function gateOutcome(
  images: readonly EvaluatedImage[],
  classes: number,
  threshold: number,
  miss: number,
): GateOutcome {
  const automatic = images.filter(
    (image) => image.gate !== null && accepts(threshold, { ...image.gate, wrong: isWrong(image) }),
  );
  const count = (of: readonly EvaluatedImage[]): ErrorCount => {
    const errors = of.filter(isWrong).length;
    return {
      labels: of.length,
      errors,
      risk: share(errors, of.length),
      interval: of.length === 0 ? [0, 1] : clopperPearson(errors, of.length, miss),
    };
  };
  return {
    coverage: share(automatic.length, images.length) ?? 0,
    automatic: count(automatic),
    classes: Array.from({ length: classes }, (_, label): ClassOutcome => {
      const ofClass = images.filter((image) => image.label === label);
      const labelled = automatic.filter((image) => image.label === label);
      const errors = ofClass.filter(isWrong).length;
      return {
        label,
        images: ofClass.length,
        errors,
        accuracy: share(ofClass.length - errors, ofClass.length),
        coverage: share(labelled.length, ofClass.length),
        automatic: count(labelled),
        given: count(automatic.filter(({ predicted }) => predicted === label)),
      };
    }),
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
