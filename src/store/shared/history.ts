import { z } from 'zod';
import type { HistoryEvent } from '../history.ts';
import type { ReviewItems } from '../review-items.ts';
import type { Dialect, ReadRows } from './dialect.ts';

/** Of an item without events there is one row, without an event. */
const historyRow = z.object({
  created_ms: z.number(),
  exported_ms: z.number().nullable(),
  at_ms: z.number().nullable(),
  act: z.string().nullable(),
  who: z.string().nullable(),
  detail: z.string().nullable(),
});

/** Reads what happened to an item, in one query, so that no event lies between. */
export function readingHistory<Query>(
  dialect: Dialect<Query>,
  rows: ReadRows<Query>,
): ReviewItems['history'] {
  const query = dialect.query(
    `SELECT i.created_ms, (SELECT min(l.exported_ms) FROM labels l WHERE l.item_id = i.id) AS exported_ms,
       e.at_ms, e.act, e.who, e.detail
     FROM items i LEFT JOIN events e ON e.id = i.id
     WHERE i.id = :id ORDER BY e.n`,
    'history',
  );
  return async (id) => {
    const found = z.array(historyRow).parse(await rows(query, { id }));
    const [item] = found;
    if (item === undefined) return null;
    const events = found.flatMap(({ at_ms: atMs, act, who, detail }) =>
      atMs === null || act === null ? [] : [{ atMs, act, who, detail }],
    );
    return historyOf(item.created_ms, events, item.exported_ms);
  };
}

/**
 * The whole history, oldest first. That the item was recorded and exported stands in the tables of those
 * names already, and is not written twice.
 */
function historyOf(
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
