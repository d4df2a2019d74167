/**
 * What a `DATABASE_URL` says, in libpq's words: several hosts, sockets, certificates, percent-encoded text.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html
 */
import { DatabaseUrlError } from './database-url-error.ts';
import { readServers, type ServerAddress } from './server-addresses.ts';
import { type Parameter, type ReadPart, readUrl } from './url-parameters.ts';

export const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type SslMode = (typeof SSL_MODES)[number];

/** How a connection is encrypted, and whom it trusts. Files are read for each connection. */
export interface TlsPlan {
  readonly mode: SslMode;
  /** A file, `system` for the roots that Node has, null where none is named. */
  readonly rootCert: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly keyPassword: string | null;
  readonly crl: string | null;
  /** TLS from the first byte on, as PostgreSQL 17 takes it. */
  readonly direct: boolean;
}

/** Where the database is and how it is reached. */
export interface DatabasePlan {
  /** At least one, in the order in which they are tried. */
  readonly servers: readonly ServerAddress[];
  readonly database: string;
  readonly user: string;
  /** Undefined where ~/.pgpass is to be asked. */
  readonly password: string | undefined;
  readonly tls: TlsPlan;
  /** For one host; null where the URL says nothing. */
  readonly connectMs: number | null;
  readonly applicationName: string;
  /** For the server's command line, as `-c search_path=sensigate`. */
  readonly options: string | undefined;
  readonly channelBinding: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment's word for what the URL does not say. */
const VARIABLES: Readonly<Partial<Record<Parameter, string>>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslcrl: 'PGSSLCRL',
  sslnegotiation: 'PGSSLNEGOTIATION',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
  channel_binding: 'PGCHANNELBINDING',
};

/** In place of what is wrong; never used. */
const NO_TLS: TlsPlan = {
  mode: 'disable',
  rootCert: null,
  cert: null,
  key: null,
  keyPassword: null,
  crl: null,
  direct: false,
};

/**
 * What the URL says, and the environment (PGHOST and the like) where the URL says nothing.
 *
 * @throws DatabaseUrlError which names all that is wrong
 */
export function parseDatabaseUrl(url: string, environment: Environment = {}): DatabasePlan {
  const problems: string[] = [];
  const plan = readPlan(url, environment, (read, inPlace) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error;
      problems.push(error.message);
      return inPlace;
    }
  });
  if (problems.length > 0) throw new DatabaseUrlError(problems.join('; '));
  return plan;
}

function readPlan(url: string, environment: Environment, part: ReadPart): DatabasePlan {
  const given = part(() => readUrl(url, part), {});
  const value = (name: Parameter): string | undefined => {
    const said = given[name];
    if (said !== undefined && said !== '') return said;
    const variable = VARIABLES[name];
    const otherwise = variable === undefined ? undefined : environment[variable];
    return otherwise === '' ? undefined : otherwise;
  };
  const user = value('user') ?? environment.USER ?? 'postgres';
  part(() => {
    requireWritable(value('target_session_attrs') ?? 'read-write');
  }, undefined);
  part(() => oneOf('load_balance_hosts', value('load_balance_hosts') ?? 'disable', ['disable']), 'disable');
  part(() => {
    const encoding = value('client_encoding') ?? 'UTF8';
    if (!/^(utf-?8|auto)$/i.test(encoding)) throw wrong('client_encoding', 'UTF8', encoding);
  }, undefined);
  const refuse = (problem: string): never => {
    throw new DatabaseUrlError(problem);
  };
  const lists = { host: value('host'), hostaddr: value('hostaddr'), port: value('port') };
  return {
    servers: part(() => readServers(lists, refuse), []),
    database: value('dbname') ?? user,
    user,
    password: value('password'),
    tls: part(() => readTls(value), NO_TLS),
    connectMs: part(() => readTimeout(value('connect_timeout')), null),
    applicationName: value('application_name') ?? value('fallback_application_name') ?? 'sensigate',
    options: value('options'),
    channelBinding:
      part(
        () => oneOf('channel_binding', value('channel_binding') ?? 'prefer', ['disable', 'prefer']),
        'prefer',
      ) === 'prefer',
  };
}

/** The service writes with everything it does, so that a standby is of no use to it. */
function requireWritable(attributes: string): void {
  oneOf('target_session_attrs', attributes, ['any', 'read-write', 'primary']);
}

function readTls(value: (name: Parameter) => string | undefined): TlsPlan {
  const ssl = value('ssl');
  if (ssl !== undefined) oneOf('ssl', ssl, ['true', 'false', '1', '0']);
  const fallback = ssl === undefined ? 'prefer' : ['true', '1'].includes(ssl) ? 'require' : 'disable';
  const mode = oneOf('sslmode', value('sslmode') ?? fallback, SSL_MODES);
  const rootCert = value('sslrootcert') ?? null;
  if (rootCert === 'system' && mode !== 'verify-full')
    throw new DatabaseUrlError(`sslrootcert=system needs sslmode=verify-full; got sslmode=${mode}`);
  if (mode === 'verify-ca' && rootCert === null)
    throw new DatabaseUrlError(
      'sslmode=verify-ca needs sslrootcert, the file of the authority that signs the server: that of every ' +
        'public authority would do otherwise. Name it, or use sslmode=verify-full.',
    );
  const direct =
    oneOf('sslnegotiation', value('sslnegotiation') ?? 'postgres', ['postgres', 'direct']) === 'direct';
  if (direct && !['require', 'verify-ca', 'verify-full'].includes(mode))
    throw new DatabaseUrlError(`sslnegotiation=direct needs sslmode=require or stronger; got ${mode}`);
  const [cert = null, key = null] = [value('sslcert'), value('sslkey')];
  if ((cert === null) !== (key === null)) throw new DatabaseUrlError('sslcert and sslkey belong together');
  const [keyPassword = null, crl = null] = [value('sslpassword'), value('sslcrl')];
  return { mode, rootCert, cert, key, keyPassword, crl, direct };
}

/** As libpq has it: seconds, at least two; 0 and less leave it to the program. */
function readTimeout(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^-?\d{1,6}$/.test(text)) throw wrong('connect_timeout', 'whole seconds', text);
  const seconds = Number(text);
  return seconds <= 0 ? null : Math.max(2, seconds) * 1000;
}

function oneOf<Word extends string>(name: Parameter, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw wrong(name, words.join(', '), text);
  return found;
}

function wrong(name: Parameter, expected: string, got: string): DatabaseUrlError {
  return new DatabaseUrlError(`${name}: expected ${expected}; got "${got.slice(0, 40)}"`);
}
