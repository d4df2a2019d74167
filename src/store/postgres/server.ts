/** A PostgreSQL server as messages name it: host, port, database and user, and never a password. */
import pg from 'pg';
import { StoreError } from '../store-error.ts';

/** Where the server is, of what is in its URL or in the environment. */
interface Server {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

function serverOf(url: string): Server {
  const { host, port, database = '', user = '' } = new pg.Client({ connectionString: url });
  return { host, port, database, user };
}

/** As messages name it: `db.example:5432, database "queue"`. */
export function nameOfServer(url: string): string {
  const { host, port, database } = serverOf(url);
  return `${host}:${port}, database "${database}"`;
}

/** The command that makes a backup; pg_dump asks for the password itself. */
export function dumpCommand(url: string, file: string): string {
  const { host, port, database, user } = serverOf(url);
  const words = [
    ...['pg_dump', '--format=custom', `--file=${file}`],
    ...[`--host=${host}`, `--port=${port}`, `--username=${user}`, `--dbname=${database}`],
  ];
  return words
    .map((word) => (/^[\w./=:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** Why there is no connection, by node's code or the server's. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there',
  ENOTFOUND: 'no host has this name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'no way leads to the host',
  ENETUNREACH: 'no way leads to the host',
  ETIMEDOUT: 'the host does not answer',
  ENOENT: 'there is no such socket',
  ECONNRESET: 'the server ended the connection',
  '28P01': 'the server refuses the password',
  '28000': 'the server refuses the user',
  '3D000': 'the server has no such database',
  '53300': 'the server has no connection left',
  '57P03': 'the server is starting or stopping',
  '42501': 'the user lacks a right',
};

/** TLS has codes of certificates by the dozen. */
const OF_TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)|SSL|certificate/;

/**
 * What is wrong with a connection that was just tried, as a message for whoever set `DATABASE_URL`; null
 * where the error is not about the connection.
 */
export function whyNotConnected(url: string, error: unknown): string | null {
  const cause = error instanceof StoreError && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return null;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const reason = reasonOf(
    code,
    cause.message,
    error instanceof StoreError && error.code === 'database_unavailable',
  );
  if (reason === null) return null;
  const said = [cause.message, code].filter((text) => text !== '').join(', ');
  const server = `PostgreSQL at ${nameOfServer(url)}, user "${serverOf(url).user}"`;
  return `${server}: ${reason}${said === '' ? '' : ` (${said})`}`;
}

function reasonOf(code: string, message: string, isUnavailable: boolean): string | null {
  if (REASONS[code] !== undefined) return REASONS[code];
  if (OF_TLS.test(code) || OF_TLS.test(message)) return 'no TLS connection can be made';
  if (message.includes('SASL')) return 'the server asks for a password';
  return isUnavailable ? 'the server does not answer' : null;
}
