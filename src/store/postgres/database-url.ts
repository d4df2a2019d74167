/**
 * What a `DATABASE_URL` says, in libpq's words: several hosts, sockets, certificates, percent-encoded text.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html
 */
import { CodedError } from '../../coded-error.ts';
import { readServers, type ServerAddress } from './server-addresses.ts';

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

/** A `DATABASE_URL` that cannot be used. Its message names the fault and never a value that may be secret. */
export class DatabaseUrlError extends CodedError<'bad_database_url'> {
  override readonly name = 'DatabaseUrlError';

  constructor(message: string) {
    super('bad_database_url', message);
  }
}

/** The parameters that are obeyed. */
const KNOWN = [
  'host',
  'hostaddr',
  'port',
  'dbname',
  'user',
  'password',
  'connect_timeout',
  'target_session_attrs',
  'sslmode',
  'ssl',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
  'sslnegotiation',
  'application_name',
  'fallback_application_name',
  'options',
  'channel_binding',
  'client_encoding',
  'load_balance_hosts',
] as const;

type Parameter = (typeof KNOWN)[number];

/** libpq's parameters that change nothing of what this program does. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
  'gssencmode',
  'krbsrvname',
  'sslcompression',
  'uselibpqcompat',
]);

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

type Given = Partial<Record<Parameter, string>>;

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

/** Reads on after a part that is wrong, so that whoever wrote the URL hears of all of them at once. */
type ReadPart = <Value>(read: () => Value, inPlace: Value) => Value;

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

/** Splits `postgres://user:password@host:port,host:port/database?name=value`; what follows wins. */
function readUrl(url: string, part: ReadPart): Given {
  const rest = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url)?.[1];
  if (rest === undefined) throw new DatabaseUrlError('expected postgres://user:password@host:port/database');
  const slash = rest.indexOf('/');
  const beforeSlash = slash === -1 ? rest : rest.slice(0, slash);
  const at = beforeSlash.lastIndexOf('@');
  const question = rest.indexOf('?', at + 1);
  const upTo = question === -1 ? rest.length : question;
  const hostsEnd = slash === -1 || slash > upTo ? upTo : slash;
  const path = rest.slice(hostsEnd, upTo);
  if (at === -1 && path.includes('@'))
    throw new DatabaseUrlError('expected no @ behind the first slash: write / of a password as %2F');
  const given: Given = {};
  if (at !== -1) {
    const [user = '', ...password] = rest.slice(0, at).split(':');
    given.user = part(() => decoded(user, 'the user'), '');
    if (password.length > 0) given.password = part(() => decoded(password.join(':'), 'the password'), '');
  }
  // Wrong hosts end it: what follows may then be the rest of a password, which no message may show.
  Object.assign(given, splitHosts(rest.slice(at + 1, hostsEnd)));
  if (hostsEnd < upTo)
    given.dbname = part(() => decoded(rest.slice(hostsEnd + 1, upTo), 'the name of the database'), '');
  for (const pair of rest
    .slice(upTo + 1)
    .split('&')
    .filter((text) => text !== ''))
    Object.assign(
      given,
      part(() => readParameter(pair), {}),
    );
  return given;
}

/** `name=value` behind the question mark. */
function readParameter(pair: string): Given {
  const equals = pair.indexOf('=');
  if (pair.includes('@') && !KNOWN.some((known) => pair.startsWith(`${known}=`)))
    throw new DatabaseUrlError('expected a known parameter before @: write / of a password as %2F');
  const name = decoded(equals === -1 ? pair : pair.slice(0, equals), 'the name of a parameter');
  if (equals === -1) throw new DatabaseUrlError(`expected "${name}=…" behind the question mark; got no "="`);
  if (WITHOUT_EFFECT.has(name)) return {};
  const parameter = parameterOf(name);
  const text = decoded(pair.slice(equals + 1), name);
  // Programs that write queries as forms do have + for the blanks between options; libpq takes %20 alone.
  return { [parameter]: name === 'options' ? text.replaceAll('+', ' ') : text };
}

/** `h1:5432,[::1]:5433,%2Ftmp` as libpq's `host` and `port`. */
function splitHosts(text: string): Given {
  if (text === '') return {};
  const parts = text.split(',').map((part) => {
    const [, inBrackets, bare, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(part) ?? [];
    if (inBrackets === undefined && bare === undefined)
      // Not what was got: it may be a piece of the password.
      throw new DatabaseUrlError(
        'expected hosts as name, name:port or [IPv6]:port, with commas between; write / of a password as %2F',
      );
    return { host: decoded(inBrackets ?? bare ?? '', 'a host'), port };
  });
  const ports = parts.map(({ port }) => port);
  return {
    host: parts.map(({ host }) => host).join(','),
    ...(ports.every((port) => port === '') ? {} : { port: ports.join(',') }),
  };
}

function decoded(text: string, what: string): string {
  try {
    const plain = decodeURIComponent(text);
    if (!plain.includes('\0')) return plain;
  } catch {
    // Said below, without the text: it may be the password.
  }
  throw new DatabaseUrlError(`${what} is not percent-encoded UTF-8: write % as %25, @ as %40, / as %2F`);
}

function parameterOf(name: string): Parameter {
  const known = KNOWN.find((one) => one === name);
  if (known !== undefined) return known;
  throw new DatabaseUrlError(`the parameter "${name}" is not known; expected some of ${KNOWN.join(', ')}`);
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
      'sslmode=verify-ca needs sslrootcert, the file of the authority that signs the server: any public ' +
        'authority’s certificate would do otherwise. Name it, or use sslmode=verify-full.',
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
