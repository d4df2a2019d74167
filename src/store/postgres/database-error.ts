import { DatabaseError } from 'pg';
import { CodedError } from '../../coded-error.ts';
import { StoreError } from '../store-error.ts';

/**
 * SQLSTATE classes and codes after which the same request may succeed: connection lost, no resources left,
 * the server ends or starts, its disk fails, a statement or lock took too long, a deadlock, a conflict with
 * recovery, and a standby that was a primary. 08P01 is also what a pooler says that has no server
 * (PgBouncer).
 */
const PASSING = /^(08...|53...|57P0[1-5]|57014|55P03|40001|40P01|25006|25P03|55000|58...)$/;

/** Those after which the connection, or its server, is no longer what it was. */
const OF_SERVER = /^(08...|57P0[1-5]|25006|25P03|55000|58...)$/;

/**
 * Whether the server no longer has the prepared statements that the connection believes in: somebody between
 * dropped them, or a newer release has changed a table that they read. All connections may have the same.
 */
export function isOfStatements(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return false;
  if (error.code === '0A000') return error.message.includes('cached plan');
  return error.code === '26000' || error.code === '42P05';
}

/**
 * Whether the connection is to be given up: the error is not a statement's, or it says that the server ends,
 * is in recovery or takes no writes.
 */
export function isOfConnection(error: unknown): boolean {
  if (error instanceof CodedError) return false;
  // Without a code it is the driver's, about bytes that it cannot read.
  if (!(error instanceof DatabaseError) || error.code === undefined) return true;
  return error.severity === 'FATAL' || OF_SERVER.test(error.code) || isOfStatements(error);
}

/**
 * Whether the server has undone the whole transaction, and what was asked for may be tried again at once:
 * for others at work, as after a deadlock with them, or because the connection has old statements.
 */
export function isUndone(error: unknown): boolean {
  if (isOfStatements(error)) return true;
  return error instanceof DatabaseError && /^(40001|40P01)$/.test(error.code ?? '');
}

/** What a connection ends with when it breaks, or none can be had in time: by node and by the driver. */
const NETWORK = /^(E[A-Z]{3,}|READ_ONLY|ERR_(STREAM|SOCKET|SSL|TLS)_.*)$/;
const LOST = new RegExp(
  'connection (terminated|error)|connection was closed|it ended the connection|query read timeout|' +
    'not queryable|received unexpected',
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
  if (error instanceof DatabaseError)
    return error.severity === 'FATAL' || code === '' || PASSING.test(code) || isOfStatements(error);
  return NETWORK.test(code) || LOST.test(error.message);
}
