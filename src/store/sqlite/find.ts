import type { Database } from 'better-sqlite3';
import type { StoredPrediction } from '../review-status.ts';
import { STORED_COLUMNS, storedPrediction } from './rows.ts';

/** Two look-ups by primary key. */
const FIND = `
  SELECT ${STORED_COLUMNS}
  FROM predictions p LEFT JOIN items i ON i.id = p.id
  WHERE p.id = ?`;

/** Reads one record, with its review as it stands at `now`. */
export function prepareFind(db: Database) {
  const find = db.prepare<[string]>(FIND);
  return (id: string, now: number): StoredPrediction | null => {
    const row = find.get(id);
    return row === undefined ? null : storedPrediction(row, now);
  };
}
