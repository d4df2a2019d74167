import { DatabaseError } from 'pg';
import { StoreError } from '../store-error.ts';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
]);

/**
 * SQLSTATE classes and codes after which the same request may succeed: connection lost, no resources left,
 * the server ends or starts, a statement or lock took too long, a deadlock, and a standby that was a primary.
 */
const PASSING = /^(08...|53...|57P0[1-5]|57014|55P03|40001|40P01|25006)$/;

/** What pg says without a code when a connection ends, or none can be had in time. */
const LOST = new RegExp(
  'connection (terminated|error)|timeout exceeded when trying to connect|query read timeout|not queryable',
  'i',
);

/** The error that the queue's caller gets: `database_unavailable` for what passes, itself for a bug. */
export function queueError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const passes =
    error instanceof DatabaseError ? PASSING.test(code) : NETWORK.has(code) || LOST.test(error.message);
  if (!passes) return error;
  const unavailable = new StoreError(
    'database_unavailable',
    'the database does not answer; nothing is lost that was acknowledged. Try again.',
  );
  unavailable.cause = error;
  return unavailable;
}
