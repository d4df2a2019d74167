import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { HISTORY_ACTS, type HistoryAct, type HistoryEvent, historyOf } from '../history.ts';

/** Adds to an item's history, in the caller's transaction. */
export type AppendEvent = (
  id: string,
  atMs: number,
  act: HistoryAct,
  who: string | null,
  detail?: string | null,
) => void;

export function prepareAppend(db: Database): AppendEvent {
  const insert = db.prepare('INSERT INTO events (id, at_ms, act, who, detail) VALUES (?, ?, ?, ?, ?)');
  return (id, atMs, act, who, detail = null) => {
    insert.run(id, atMs, act, who, detail);
  };
}

const itemRow = z.object({ created_ms: z.number(), exported_ms: z.number().nullable() }).optional();
const eventRow = z
  .object({
    at_ms: z.number(),
    act: z.enum(HISTORY_ACTS),
    who: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .transform(({ at_ms: atMs, ...event }): HistoryEvent => ({ atMs, ...event }));

export const EVENTS = 'SELECT at_ms, act, who, detail FROM events WHERE id = ? ORDER BY n';

/** Reads what happened to an item. */
export function prepareHistory(db: Database) {
  const item = db.prepare<[string]>(
    'SELECT created_ms, exported_ms FROM items LEFT JOIN labels USING (id) WHERE id = ?',
  );
  const events = db.prepare<[string]>(EVENTS);
  return (id: string): HistoryEvent[] | null => {
    const found = itemRow.parse(item.get(id));
    if (found === undefined) return null;
    return historyOf(found.created_ms, z.array(eventRow).parse(events.all(id)), found.exported_ms);
  };
}
