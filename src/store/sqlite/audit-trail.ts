import type { Database } from 'better-sqlite3';
import { changesOf, LAST_CHANGE } from '../shared/trail.ts';
import type { ServiceChange, ServiceEvent } from '../trail.ts';
import { dialect } from './dialect.ts';

const changeOf = changesOf(dialect);

/**
 * Writes what was done to the service as a whole, and what it runs with where that is not what was written
 * last.
 */
export function prepareServiceEvents(db: Database) {
  const insert = db.prepare('INSERT INTO service_events (at_ms, act, who, detail) VALUES (?, ?, ?, ?)');
  const last = db.prepare(LAST_CHANGE);
  return {
    act: ({ act, who, detail }: ServiceEvent, now: number): void => {
      insert.run(now, act, who, JSON.stringify(detail));
    },
    change: (change: ServiceChange, now: number): boolean => {
      const { act } = change;
      const detail = changeOf(last.get({ act }), change);
      if (detail !== null) insert.run(now, act, null, detail);
      return detail !== null;
    },
  };
}
