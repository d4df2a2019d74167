import type { OrLater } from './or-later.ts';

/** Something that happened to an item. Renewals are left out: an open page makes one a minute. */
export interface HistoryEvent {
  readonly atMs: number;
  readonly act: OrLater<HistoryAct>;
  /** The reviewer or lead; null where nobody in particular did it. */
  readonly who: string | null;
  /** The label, the note where there is none, or to whom it was assigned. */
  readonly detail: string | null;
}

export const HISTORY_ACTS = [
  'recorded',
  'claimed',
  'released',
  'skipped',
  'labelled',
  'none_of_these',
  'unreadable',
  'discarded',
  'undone',
  'reassigned',
  'exported',
  'image_deleted',
  'forgotten',
] as const;

export type HistoryAct = (typeof HISTORY_ACTS)[number];
