/** A PostgreSQL server as messages name it: hosts, database and user, and never a password. */
import { StoreError } from '../store-error.ts';
import { NoServerError } from './connector.ts';
import { type DatabasePlan, parseDatabaseUrl } from './database-url.ts';
import { nameOf } from './server-addresses.ts';

const planOf = (url: string): DatabasePlan => parseDatabaseUrl(url, process.env);

/** As messages name it: `db.example:5432, database "queue"`. */
export function nameOfServer(url: string): string {
  const { servers, database } = planOf(url);
  return `${servers.map(nameOf).join(', ')}, database "${database}"`;
}

/** The command that makes a backup, encrypted as the URL says; pg_dump asks for the password itself. */
export function dumpCommand(url: string, file: string): string {
  const { servers, database, user, tls } = planOf(url);
  const environment: Readonly<Record<string, string | null>> = {
    PGHOSTADDR: servers.some(({ address }) => address !== null)
      ? servers.map(({ address }) => address ?? '').join(',')
      : null,
    PGSSLMODE: tls.mode === 'prefer' ? null : tls.mode,
    PGSSLROOTCERT: tls.rootCert,
    PGSSLCERT: tls.cert,
    PGSSLKEY: tls.key,
    PGSSLCRL: tls.crl,
  };
  const words = [
    ...Object.entries(environment).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`])),
    ...['pg_dump', '--format=custom', `--file=${file}`],
    ...[`--host=${servers.map(({ host }) => host).join(',')}`],
    ...[`--port=${servers.map(({ port }) => port).join(',')}`, `--username=${user}`, `--dbname=${database}`],
  ];
  return words.map(quoted).join(' ');
}

/** A word of a shell's command; what stands before the first `=` is left as it is, as in `NAME='a value'`. */
function quoted(word: string): string {
  if (/^[\w./=:@%+,-]+$/.test(word)) return word;
  const [, name = '', value = ''] = /^(?:([\w-]+=))?(.*)$/s.exec(word) ?? [];
  return `${name}'${value.replaceAll("'", `'\\''`)}'`;
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
  UNREADABLE_FILE: 'DATABASE_URL names a file that is needed',
  READ_ONLY: 'the server takes no writes',
};

/** TLS has codes of certificates by the dozen. */
const OF_TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)|SSL|certificate/;

/**
 * What is wrong with a connection that was just tried, host by host, as a message for whoever set
 * `DATABASE_URL`; null where the error is not about the connection.
 */
export function whyNotConnected(url: string, error: unknown): string | null {
  const cause = error instanceof StoreError && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return null;
  const { user, database } = planOf(url);
  if (cause instanceof NoServerError && cause.attempts.length > 1) {
    const each = cause.attempts.map(({ server, error: one }) => `${server}: ${reasonWith(one, true) ?? ''}`);
    return `PostgreSQL, database "${database}", user "${user}": none of its hosts can be used: ${each.join('; ')}`;
  }
  const only = cause instanceof NoServerError ? (cause.attempts[0]?.error ?? cause) : cause;
  const isUnavailable = error instanceof StoreError && error.code === 'database_unavailable';
  const reason = reasonWith(only, isUnavailable);
  return reason === null ? null : `PostgreSQL at ${nameOfServer(url)}, user "${user}": ${reason}`;
}

/** The reason, and in brackets what was said. */
function reasonWith(error: Error, isUnavailable: boolean): string | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = reasonOf(code, error.message, isUnavailable);
  if (reason === null) return null;
  const said = [error.message, code].filter((text) => text !== '').join(', ');
  return `${reason}${said === '' ? '' : ` (${said})`}`;
}

function reasonOf(code: string, message: string, isUnavailable: boolean): string | null {
  if (REASONS[code] !== undefined) return REASONS[code];
  const parameter = /unsupported startup parameter: (\w+)/.exec(message)?.[1];
  if (parameter !== undefined) return refusedParameter(parameter);
  if (OF_TLS.test(code) || OF_TLS.test(message)) return 'no TLS connection can be made';
  if (message.includes('SASL')) return 'the server asks for a password';
  if (/prepared statement|statement pooling|transaction blocks? not allowed/i.test(message))
    return 'PgBouncer has pool_mode = statement, which records nothing: use transaction or session';
  return isUnavailable ? 'the server does not answer' : null;
}

/** PgBouncer's words for what stands in the URL and that it does not carry. */
function refusedParameter(parameter: string): string {
  return (
    `PgBouncer does not carry the parameter "${parameter}": take it out of DATABASE_URL (a search_path can ` +
    `be set by ALTER ROLE), or name it in PgBouncer's ignore_startup_parameters`
  );
}
