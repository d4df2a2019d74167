import type { Database } from 'better-sqlite3';
import type { LeaseOutcome } from '../reviewing.ts';

/**
 * Tells why a lease did nothing. Run in the transaction of the statement that changed no row, so that the
 * answer is about the very state that refused it.
 */
export function prepareRefusal(db: Database) {
  const exists = db.prepare<[string]>('SELECT 1 FROM items WHERE id = ?');
  return (id: string): LeaseOutcome => (exists.get(id) === undefined ? 'unknown_item' : 'lease_lost');
}
