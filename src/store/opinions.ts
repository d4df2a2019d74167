/**
 * How many people must give an item the same answer.
 *
 * An answer is a label, or that the image is unusable. The item is final as soon as `agree` people have given
 * the same one; where `most` people have answered and no answer has that many, it is disputed.
 *
 * | wanted                                  | agree, most |
 * | --------------------------------------- | ----------- |
 * | one person                              | 1, 1        |
 * | two, unanimous                          | 2, 2        |
 * | two, and a third where they differ      | 2, 3        |
 * | majority of five                        | 3, 5        |
 */
export interface Overlap {
  readonly agree: number;
  readonly most: number;
}

/** The overlap of each reason; one person where a reason is not named. */
export type Overlaps = Readonly<Record<string, Overlap>>;

/** What one person said of an item. */
export interface Opinion {
  readonly reviewer: string;
  /** Null: the image is unusable. */
  readonly label: string | null;
  readonly note: string | null;
  readonly givenMs: number;
}

/** Of an item with several reasons: enough for each of them. It is fixed when the item is recorded. */
export function overlapOf(reasons: readonly string[], overlaps: Overlaps): Overlap {
  const wanted = reasons.map((reason) => (Object.hasOwn(overlaps, reason) ? overlaps[reason]! : ONE_PERSON));
  return {
    agree: wanted.reduce((most, { agree }) => Math.max(most, agree), ONE_PERSON.agree),
    most: wanted.reduce((largest, { most }) => Math.max(largest, most), ONE_PERSON.most),
  };
}

const ONE_PERSON: Overlap = { agree: 1, most: 1 };
