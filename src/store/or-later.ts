/**
 * A word of this release or, in what is stored, of a later one: while a release rolls out, replicas of both
 * read what either wrote.
 */
export type OrLater<Word extends string> = Word | (string & Record<never, never>);
