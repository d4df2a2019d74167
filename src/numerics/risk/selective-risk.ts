/** A labelled image as a gate sees it. */
export interface LabelledImage {
  /** More means more reason for review. NaN is never accepted. */
  readonly score: number;
  /** Whether all but the score allows an automatic label, as a confidence floor does. */
  readonly eligible: boolean;
  /** Whether the machine's label was wrong. */
  readonly wrong: boolean;
}

/** What a gate has accepted. */
export interface Accepted {
  readonly accepted: number;
  readonly errors: number;
}

/** Whether a gate at `threshold` accepts the image: it is eligible and its score no higher. */
export function accepts(threshold: number, { score, eligible }: LabelledImage): boolean {
  return eligible && score <= threshold;
}

/**
 * What a gate accepts at each of the thresholds, in O(n log n).
 *
 * @param thresholds Ascending.
 */
export function acceptedAt(
  images: readonly LabelledImage[],
  thresholds: ArrayLike<number>,
): readonly Accepted[] {
  const eligible = images
    .filter((image) => accepts(Infinity, image))
    .sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : 0));
  let accepted = 0;
  let errors = 0;
  return Array.from(thresholds, (threshold) => {
    for (; accepted < eligible.length && eligible[accepted]!.score <= threshold; accepted++) {
      if (eligible[accepted]!.wrong) errors++;
    }
    return { accepted, errors };
  });
}
