import type { Database } from 'better-sqlite3';
import type { HistoryAct } from '../history.ts';

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
