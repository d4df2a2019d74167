import type { Reference } from '../../gate/reference.ts';

/** A certification image, as the gate has measured it. */
export interface ReferenceImage {
  /** Null where the gate has no familiarity. */
  readonly unfamiliar: boolean | null;
  readonly signals: Readonly<Record<string, number>>;
  /** Index of the predicted class. */
  readonly predicted: number;
}

/** Shares of the images beyond the cuts, at either end. */
const TAILS = [0.02, 0.1, 0.3] as const;

/**
 * What the certification images were like, for the gate file: images that chose no cut of familiarity.
 *
 * @param signals Whose distributions are watched; those that no image has are left out.
 * @param classes Of the model.
 */
export function referenceOf(
  images: readonly ReferenceImage[],
  signals: readonly string[],
  classes: number,
): Reference {
  const labels = new Array<number>(classes).fill(0);
  for (const { predicted } of images) labels[predicted]!++;
  return {
    images: images.length,
    unfamiliar: images.some(({ unfamiliar }) => unfamiliar === null)
      ? null
      : images.filter(({ unfamiliar }) => unfamiliar).length,
    tails: [...new Set(signals)].flatMap((signal) => {
      const values = images.map((image) => image.signals[signal] ?? NaN).filter(Number.isFinite);
      return values.length === 0 ? [] : tailsOf(signal, Float64Array.from(values).sort());
    }),
    labels,
  };
}

function tailsOf(signal: string, sorted: Float64Array): Reference['tails'] {
  return TAILS.flatMap((share) => {
    const beyond = Math.floor(share * sorted.length);
    return [
      { signal, side: 'above' as const, cut: sorted[sorted.length - 1 - beyond]!, beyond },
      { signal, side: 'below' as const, cut: sorted[beyond]!, beyond },
    ];
  });
}
