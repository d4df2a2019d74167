/**
 * Images sorted by a score of which more means more reason for review, the least first.
 *
 * Equal scores form one group, accepted or reviewed together, so that nothing measured of a ranking depends
 * on the order in which the images came. Sorted once, it serves any number of resamples.
 */
export interface Ranking {
  /** The image at each place, n numbers, by rising score. */
  readonly order: Uint32Array;
  /** 1 where the machine was wrong about the image at this place. */
  readonly wrong: Uint8Array;
  /** The place after each group's last, ascending; the last is n. */
  readonly groupEnds: Uint32Array;
  /** Each group's score. */
  readonly scores: Float64Array;
}

/**
 * The ranking of images by `scores`, in O(n log n).
 *
 * @param scores One an image; higher means more reason for review.
 * @param wrong Whether the machine's label was wrong, in the same order.
 * @throws RangeError without images, with a NaN, or where the lengths differ
 */
export function rankByScore(scores: ArrayLike<number>, wrong: ArrayLike<boolean>): Ranking {
  const n = scores.length;
  if (n === 0 || wrong.length !== n) {
    throw new RangeError(`expected a score and a label an image, got ${n} scores and ${wrong.length} labels`);
  }
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(scores[i]!))
      throw new RangeError(`expected a number as the score of image ${i}, got NaN`);
    order[i] = i;
  }
  order.sort((a, b) => (scores[a]! < scores[b]! ? -1 : scores[a]! > scores[b]! ? 1 : a - b));
  const ends: number[] = [];
  const groupScores: number[] = [];
  for (let place = 0; place < n; place++) {
    const score = scores[order[place]!]!;
    if (place + 1 < n && scores[order[place + 1]!]! === score) continue;
    ends.push(place + 1);
    groupScores.push(score);
  }
  return {
    order,
    wrong: Uint8Array.from(order, (image) => (wrong[image]! ? 1 : 0)),
    groupEnds: Uint32Array.from(ends),
    scores: Float64Array.from(groupScores),
  };
}

/** What a gate at `threshold`, accepting scores up to and including it, would do to these images. */
export interface OperatingPoint {
  readonly threshold: number;
  readonly accepted: number;
  readonly errors: number;
  /** Share accepted. */
  readonly coverage: number;
  /** Error rate among the accepted. */
  readonly risk: number;
}

/** The risk–coverage curve: one point at each score that occurs, by rising coverage. */
export function riskCoverage({ order, wrong, groupEnds, scores }: Ranking): readonly OperatingPoint[] {
  const points: OperatingPoint[] = [];
  let place = 0;
  let errors = 0;
  for (let group = 0; group < groupEnds.length; group++) {
    const accepted = groupEnds[group]!;
    for (; place < accepted; place++) errors += wrong[place]!;
    points.push({
      threshold: scores[group]!,
      accepted,
      errors,
      coverage: accepted / order.length,
      risk: errors / accepted,
    });
  }
  return points;
}
