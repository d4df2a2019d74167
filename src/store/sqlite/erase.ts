import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** How often a log that another process reads is tried again before the caller is told, and how far apart. */
const TRIES = 20;
const TRY_EVERY_MS = 100;

const checkpointRows = z.tuple([z.object({ busy: z.number() })]);

/**
 * Empties the write-ahead log, which has what was deleted as it was before.
 *
 * Deleted rows are zeros in the file itself (`secure_delete`, database.ts) once the log is written into it.
 */
export function createErase(db: Database) {
  let later: NodeJS.Timeout | null = null;

  /** Without waiting: this thread would stand still as long as another process reads. */
  const emptyLog = (): boolean => {
    const patience = db.pragma('busy_timeout', { simple: true }) as number;
    db.pragma('busy_timeout = 0');
    try {
      const [{ busy }] = checkpointRows.parse(db.pragma('wal_checkpoint(TRUNCATE)'));
      return busy === 0;
    } finally {
      db.pragma(`busy_timeout = ${patience}`);
    }
  };

  const tryLater = (): void => {
    later ??= setTimeout(() => {
      later = null;
      if (db.open && !emptyLog()) tryLater();
    }, 1000).unref();
  };

  return async (whole: boolean): Promise<boolean> => {
    // Pages that were free before rows were overwritten go too.
    if (whole) db.exec('VACUUM');
    for (let tries = 0; tries < TRIES && db.open; tries++) {
      if (emptyLog()) return true;
      await wait(TRY_EVERY_MS);
    }
    tryLater();
    return false;
  };
}
