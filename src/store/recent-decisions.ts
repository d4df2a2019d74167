import type { Json } from './json.ts';

/** Which decisions are looked back on: the latest ones of a model. */
export interface RecentRange {
  readonly modelDigest: string;
  readonly limit: number;
}

/** One decision of the past, as far as another threshold would ask. */
export interface RecentDecision {
  readonly decision: 'auto' | 'review';
  /** Whether the person's final label is the machine's, false where none fits; null without an answer. */
  readonly agrees: boolean | null;
  /** The stored answer, which the store does not read. */
  readonly answer: { readonly [key: string]: Json };
}
