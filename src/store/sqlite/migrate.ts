import type { Database } from 'better-sqlite3';
import { readMigrations } from '../shared/migrations.ts';
import { StoreError } from '../store-error.ts';

/** The steps of this program's schema. */
export function migrations(): readonly string[] {
  return readMigrations(new URL('migrations/', import.meta.url));
}

/**
 * Brings the database forward to this program's schema, in one transaction: all steps or none.
 *
 * The version is read inside the transaction, so that of two processes that start at once only one migrates.
 *
 * @throws StoreError `newer_database` where a later release has migrated it: this program would not keep
 * what that release relies on.
 */
export function migrate(db: Database, steps = migrations()): void {
  const toLatest = db.transaction(() => {
    const version = Number(db.pragma('user_version', { simple: true }));
    if (version > steps.length) {
      throw new StoreError(
        'newer_database',
        `${db.name} has schema version ${version}, this program knows up to ${steps.length}: ` +
          'run a newer release',
      );
    }
    if (version === steps.length) return;
    for (const step of steps.slice(version)) db.exec(step);
    db.pragma(`user_version = ${steps.length}`);
  });
  toLatest.immediate();
}
