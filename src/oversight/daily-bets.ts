import { DAY_MS } from '../store/day-counts.ts';
import { AUDITS_A_DAY } from './proof-limit.ts';

/** How much is bet on a break having come just before the next label. */
export interface DailyBets {
  /** Of a label of that time; labels come in the order of their times. */
  next(decidedMs: number): number;
  copy(): DailyBets;
}

/** What a week's busiest day had is expected of today: people do not label on Sundays. */
const REMEMBERED_DAYS = 7;

/**
 * A bet of 1 for each label, or less where there are more than AUDITS_A_DAY a day, so that as much is bet on
 * each day however many are labelled, and the rate of false proofs is one a year and not one a label.
 *
 * The share follows from how many labels there have been, never from what they say.
 */
export function createDailyBets(): DailyBets {
  return resume([]);
}

interface Day {
  readonly day: number;
  labels: number;
}

function resume(days: Day[]): DailyBets {
  return {
    next: (decidedMs) => {
      const day = Math.floor(decidedMs / DAY_MS);
      const today = days.at(-1);
      if (today === undefined || today.day < day) days.push({ day, labels: 1 });
      else today.labels++;
      while (days[0]!.day < day - REMEMBERED_DAYS) days.shift();
      const most = days.reduce((busiest, { labels }) => Math.max(busiest, labels), 0);
      return Math.min(1, AUDITS_A_DAY / most);
    },
    copy: () => resume(days.map((one) => ({ ...one }))),
  };
}
