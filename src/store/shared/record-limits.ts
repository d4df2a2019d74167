import type { Overlaps } from '../opinions.ts';

/** What holds for items recorded from now on. */
export interface RecordLimits {
  /** How many people must agree, by reason. */
  readonly overlaps: Overlaps;
  /** Open items at most of one caller. */
  readonly maxOpenItems: number;
}
