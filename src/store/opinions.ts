/**
 * What a person may find instead of a label: that none of the model's labels is that of the image, or that
 * nobody could judge it. That an image is unusable, and to be left out, is neither.
 */
export const FINDINGS = ['none_of_these', 'unreadable'] as const;

export type Finding = (typeof FINDINGS)[number];

/**
 * How many people must give an item the same answer.
 *
 * An answer is a label, a finding, or that the image is unusable. The item is final as soon as `agree` people
 * have given the same one; where `most` people have answered and no answer has that many, it is disputed.
 *
 * | wanted                                  | agree, most |
 * | --------------------------------------- | ----------- |
 * | one person                              | 1, 1        |
 * | two, unanimous                          | 2, 2        |
 * | two, and a third where they differ      | 2, 3        |
 * | majority of five                        | 3, 5        |
 *
 * Where an audit's answer is not the machine's label, or is that none fits, at least DOUBTED is wanted from
 * then on: one person alone never finds the machine wrong.
 */
export interface Overlap {
  readonly agree: number;
  readonly most: number;
}

/** Of an audit of which somebody has said that the machine is wrong. */
export const DOUBTED: Overlap = { agree: 2, most: 3 };

/** The overlap of each reason; one person where a reason is not named. */
export type Overlaps = Readonly<Record<string, Overlap>>;

/** What one person said of an item. */
export interface Opinion {
  readonly reviewer: string;
  /** Null: there is a finding, or the image is unusable. */
  readonly label: string | null;
  readonly finding: Finding | null;
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
