/** The text of a `DATABASE_URL`, taken apart into libpq's parameters. */
import { DatabaseUrlError } from './database-url-error.ts';

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

export type Parameter = (typeof KNOWN)[number];

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

/** What a URL says, by parameter. */
export type Given = Partial<Record<Parameter, string>>;

/** Reads on after a part that is wrong, so that whoever wrote the URL hears of all of them at once. */
export type ReadPart = <Value>(read: () => Value, inPlace: Value) => Value;

/** Splits `postgres://user:password@host:port,host:port/database?name=value`; what follows wins. */
export function readUrl(url: string, part: ReadPart): Given {
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
