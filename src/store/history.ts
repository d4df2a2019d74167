/** Something that happened to an item. Renewals are left out: an open page makes one a minute. */
export interface HistoryEvent {
  readonly atMs: number;
  readonly act: HistoryAct;
  /** The reviewer or lead; null where nobody in particular did it. */
  readonly who: string | null;
  /** The label, the note of a discard, or to whom it was assigned. */
  readonly detail: string | null;
}

export const HISTORY_ACTS = [
  'recorded',
  'claimed',
  'released',
  'skipped',
  'labelled',
  'discarded',
  'undone',
  'reassigned',
  'exported',
  'image_deleted',
] as const;

export type HistoryAct = (typeof HISTORY_ACTS)[number];

/**
 * The whole history, oldest first. That the item was recorded and exported stands in the tables of those names already,
 * and is not written twice.
 */
export function historyOf(
  recordedMs: number,
  events: readonly HistoryEvent[],
  exportedMs: number | null,
): HistoryEvent[] {
  const recorded: HistoryEvent = { atMs: recordedMs, act: 'recorded', who: null, detail: null };
  if (exportedMs === null) return [recorded, ...events];
  const exported: HistoryEvent = { atMs: exportedMs, act: 'exported', who: null, detail: null };
  // A label is exported after it is given, and only the image's deletion can come later.
  const last = events.at(-1);
  if (last?.act === 'image_deleted' && last.atMs > exportedMs)
    return [recorded, ...events.slice(0, -1), exported, last];
  return [recorded, ...events, exported];
}
