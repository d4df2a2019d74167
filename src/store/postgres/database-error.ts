import { DatabaseError } from 'pg';
import { CodedError } from '../../coded-error.ts';
import { StoreError } from '../store-error.ts';

/**
 * SQLSTATE classes and codes after which the same request may succeed: connection lost, no resources left,
 * the server ends or starts, a statement or lock took too long, a deadlock, a conflict with recovery, and a
 * standby that was a primary. 08P01 is also what a pooler says that has no server (PgBouncer).
 */
const PASSING = /^(08...|53...|57P0[1-5]|57014|55P03|40001|40P01|25006|25P03|55000|58000)$/;

/** Those after which the connection, or its server, is no longer what it was. */
const OF_SERVER = /^(08...|57P0[1-5]|25006|25P03|55000|58000)$/;

/**
 * Whether the connection is to be given up: the error is not a statement's, or it says that the server ends,
 * is in recovery or takes no writes.
 */
export function isOfConnection(error: unknown): boolean {
  if (error instanceof CodedError) return false;
  if (!(error instanceof DatabaseError)) return true;
  return error.severity === 'FATAL' || OF_SERVER.test(error.code ?? '');
}

/**
 * Whether the server has undone the whole transaction because of others at work, a deadlock with them among
 * it: what was asked for may be tried again at once.
 */
export function isUndoneForOthers(error: unknown): boolean {
  return error instanceof DatabaseError && /^(40001|40P01)$/.test(error.code ?? '');
}

/** What a connection ends with when it breaks, or none can be had in time: by node and by the driver. */
const NETWORK = /^(E[A-Z]{3,}|READ_ONLY|ERR_STREAM_.*)$/;
const LOST = new RegExp(
  'connection (terminated|error)|connection was closed|it ended the connection|query read timeout|' +
    'not queryable',
  'i',
);

/** The error that the queue's caller gets: `database_unavailable` for what passes, itself for a bug. */
export function queueError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CodedError) return error;
  if (!passes(error)) return error;
  const unavailable = new StoreError(
    'database_unavailable',
    'the database does not answer; nothing is lost that was acknowledged. Try again.',
  );
  unavailable.cause = error;
  return unavailable;
}

function passes(error: Error): boolean {
  // No server of those that are named: whatever each said, the next one to ask may find another.
  if (error.name === 'NoServerError') return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof DatabaseError) return error.severity === 'FATAL' || PASSING.test(code);
  return NETWORK.test(code) || LOST.test(error.message);
}
