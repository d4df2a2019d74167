import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { isLoopback } from '../access/loopback.ts';
import { MOST_DECODE_BYTES } from '../model/decode-work.ts';
import { DEFAULT_MODEL_FOLDER } from '../model/default-folder.ts';
import {
  databaseUrl,
  httpUrl,
  jwksUrl,
  logLevel,
  onShift,
  overlaps,
  proxies,
  share,
  streams,
  text,
  time,
  wholeNumber,
  yesOrNo,
} from './setting-types.ts';
import { SettingsError } from './settings-error.ts';

/**
 * One engine process of one thread for every core, measured by `node bench/run.ts processes`: while one runs
 * its network another reads, writes and decides, and no thread waits for another's part of an operator. Each
 * holds the model once more, hence the limit.
 */
const DEFAULT_PROCESSES = Math.min(8, availableParallelism());

/**
 * The settings by the name of their environment variable; `sensigate serve --help` shows the descriptions.
 */
const schema = z.object({
  HOST: text.default('127.0.0.1').describe('address to listen on; any but loopback needs keys or JWTs'),
  PORT: wholeNumber(0, 65535).default(8080).describe('port to listen on; 0 for one that is free'),
  DATA_DIR: text.default('./data').describe('folder of the SQLite database'),
  DATABASE_URL: databaseUrl
    .optional()
    .describe('PostgreSQL instead of SQLite: postgres://user:password@host:port/database'),
  DATABASE_POOL: wholeNumber(1, 1000).default(10).describe('connections to PostgreSQL at most'),
  SHARED_SQLITE: yesOrNo
    .default(false)
    .describe('true where several services of one machine are meant to run on one SQLite file'),
  KEEP_METADATA: yesOrNo
    .default(false)
    .describe('true to keep and give images as they were sent, with Exif and places'),
  OVERLAP: overlaps
    .default({})
    .describe('how many people must agree, by reason: audit=2/3 for two who agree of three at most'),
  STREAMS: streams
    .default([])
    .describe('streams that metrics and audits keep apart, separated by commas; all others are one'),
  JOIN_SAME_IMAGES: yesOrNo
    .default(true)
    .describe('false where an image that waits for a person already shall get another item'),
  MAX_OPEN_ITEMS: wholeNumber(0, 1_000_000_000)
    .default(10_000)
    .describe('images of one caller that wait for people; 0 for any number'),
  MODEL_DIR: text.default(DEFAULT_MODEL_FOLDER).describe('folder of model.onnx and model.json'),
  GATE_FILE: text.optional().describe('the gate; gate.json in MODEL_DIR where it is not set'),
  API_KEYS_FILE: text.optional().describe('file of the hashes of API keys and their scopes'),
  JWKS_URL: jwksUrl.optional().describe('where the issuer of JWTs publishes its keys'),
  JWT_ISSUER: text.optional().describe('who must have issued a JWT'),
  JWT_AUDIENCE: text.optional().describe('for whom a JWT must have been issued'),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1_000_000)
    .optional()
    .describe(
      'requests a minute of each caller, 0 for any number; 6000 where callers have keys or JWTs, else 0',
    ),
  AUTH_FAILURES_PER_MINUTE: wholeNumber(1, 1_000_000)
    .default(30)
    .describe('different wrong credentials a minute from one address'),
  TRUSTED_PROXIES: proxies
    .default([])
    .describe('whose X-Forwarded-For is believed: addresses, networks, uniquelocal'),
  DEADLINE_MS: wholeNumber(1, 600_000).default(10_000).describe('to measure one image'),
  MAX_IMAGE_PIXELS: wholeNumber(1, 268_402_689).default(50_000_000).describe('of one image'),
  MAX_BODY_BYTES: wholeNumber(1024, 1_073_741_824).default(20_971_520).describe('of one request'),
  MAX_INFLIGHT_BYTES: wholeNumber(1024, 1_099_511_627_776)
    .default(268_435_456)
    .describe('of all requests together, until they are recorded'),
  MAX_DOWNLOAD_BYTES: wholeNumber(1024, 1_099_511_627_776)
    .default(134_217_728)
    .describe('of all answers that wait to be read, a quarter for one caller'),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 3_600_000)
    .default(60_000)
    .describe('from the first byte of a request to its last'),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(1000).describe('open at once'),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000)
    .default(256)
    .describe('of one address but those of TRUSTED_PROXIES, open at once'),
  KEEP_ALIVE_MS: wholeNumber(1000, 3_600_000)
    .default(75_000)
    .describe('a connection may idle; more than the proxy in front keeps its own'),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000).default(0).describe('to serve on after a stop signal'),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 3_600_000)
    .default(20_000)
    .describe('to finish requests under way after that'),
  GATE_CHECK_MS: wholeNumber(100, 3_600_000)
    .default(5000)
    .describe('between two looks at the gate file and at closed gates'),
  ENGINE_PROCESSES: wholeNumber(1, 64)
    .default(DEFAULT_PROCESSES)
    .describe('processes that run the model; one for each core, 8 at most'),
  ENGINE_THREADS: wholeNumber(1, 256)
    .optional()
    .describe('threads of each of them; where it is not set they share the cores'),
  DECODER_PROCESSES: wholeNumber(1, 64)
    .default(2)
    .describe('processes for images that take more than a moment to decode; started when needed'),
  DECODER_MEMORY_BYTES: wholeNumber(67_108_864, 1_099_511_627_776)
    .default(MOST_DECODE_BYTES)
    .describe('of all images together that are decoded there at a time'),
  AUDIT_RATE: share.default(0.01).describe('share of automatic labels that people check'),
  ON_SHIFT: onShift
    .default('audit')
    .describe(
      'what an alarm for change does: audit (more of its automatic labels), review (besides, people get ' +
        'all its images) or alert (tell alone)',
    ),
  ALARM_AUDIT_RATE: share
    .default(0.1)
    .describe('share of automatic labels that people check while an alarm stands'),
  ALARM_SPACING: time
    .default('0')
    .describe('between two images of a stream that the alarm for change looks at; for frames of a film'),
  KEEP_AUTOMATIC: time
    .default('24h')
    .describe('how long images of automatic labels are kept, from which audits are drawn; 0 for no audits'),
  KEEP_AUTOMATIC_BYTES: wholeNumber(0, 1_099_511_627_776)
    .default(2_147_483_648)
    .describe('of those images together, the oldest go first; 0 for no audits'),
  QUEUE_LIMIT: wholeNumber(1, 1_000_000)
    .default(1024)
    .describe('images that are being measured or wait for it'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl
    .optional()
    .describe('collector of traces; none are made where it is not set'),
  OTEL_TRACES_SAMPLER_ARG: share.default(1).describe('share of requests that are traced'),
  LOG_LEVEL: logLevel.default('info').describe('trace, debug, info, warn, error, fatal or silent'),
});

export type SettingName = keyof typeof schema.shape;

export type Settings = z.infer<typeof schema> & {
  readonly ENGINE_THREADS: number;
  readonly RATE_LIMIT_PER_MINUTE: number;
};

const NAMES = Object.keys(schema.shape) as readonly SettingName[];

/** Every variable that the service reads. */
export const SETTINGS: readonly string[] = NAMES;

/**
 * Of each caller where there are several: a hundred a second, so that none takes the service for itself
 * alone.
 */
const DEFAULT_RATE_PER_MINUTE = 6000;

/** Never shown, not even where it is wrong. */
const SECRET: ReadonlySet<string> = new Set<SettingName>(['DATABASE_URL']);

/** A setting that was given on the command line, which wins over its variable. */
export interface GivenOption {
  /** As it is written, `--port`. */
  readonly option: string;
  readonly value: string;
}

/** What the command line says, by the name of the setting. */
export type GivenOptions = Partial<Readonly<Record<SettingName, GivenOption>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as `sensigate serve --help` describes it. */
export function describeSettings(): { name: SettingName; description: string; otherwise: string | null }[] {
  return NAMES.map((name) => {
    const { data: value } = schema.shape[name].safeParse(undefined);
    const isShown = typeof value === 'string' || typeof value === 'number';
    const { description = '' } = schema.shape[name];
    return { name, description, otherwise: isShown ? String(value) : null };
  });
}

/**
 * Reads the service's settings from environment variables; an empty one counts as absent.
 *
 * @param options They win over the environment.
 * @throws SettingsError
 */
export function readSettings(environment: Environment, options: GivenOptions = {}): Settings {
  const given: Record<string, string> = {};
  for (const name of NAMES) {
    const value = options[name]?.value ?? environment[name];
    if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = schema.safeParse(given);
  const problems = (parsed.error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0]) as SettingName;
    const value = SECRET.has(name) ? '…' : given[name];
    const shown = `${options[name] === undefined ? `${name}=` : `${options[name].option} `}${value}`;
    return { name, said: `  ${shown}: ${message}` };
  });
  // Those that are right by themselves may still not go together.
  const wrong = new Set<string>(problems.map(({ name }) => name));
  const right = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  const quarrels = quarrelsOf(schema.parse(right), wrong);
  if (problems.length > 0 || quarrels.length > 1) {
    const lines = [...problems.map(({ said }) => said), ...quarrels.map((said) => `  ${said}`)];
    throw new SettingsError(`these settings are wrong:\n${lines.join('\n')}`);
  }
  if (quarrels[0] !== undefined) throw new SettingsError(quarrels[0]);
  return withDefaults(schema.parse(given));
}

/**
 * What of the settings does not go together.
 *
 * @param wrong Names of settings that are wrong by themselves: what depends on them is not known.
 */
function quarrelsOf(read: z.infer<typeof schema>, wrong: ReadonlySet<string>): string[] {
  const { HOST, MAX_INFLIGHT_BYTES, MAX_BODY_BYTES } = read;
  const { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE } = read;
  const areRight = (...names: readonly SettingName[]): boolean => names.every((name) => !wrong.has(name));
  const quarrels: string[] = [];
  if (areRight('MAX_INFLIGHT_BYTES', 'MAX_BODY_BYTES') && MAX_INFLIGHT_BYTES < MAX_BODY_BYTES) {
    quarrels.push(
      `MAX_INFLIGHT_BYTES=${MAX_INFLIGHT_BYTES} is less than MAX_BODY_BYTES=${MAX_BODY_BYTES}: ` +
        'the largest body would never be taken. Raise the former or lower the latter.',
    );
  }
  const jwt = { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE };
  const missing = Object.entries(jwt).filter(([name, value]) => value === undefined && !wrong.has(name));
  if (missing.length > 0 && missing.length < 3) {
    const names = missing.map(([name]) => name).join(' and ');
    quarrels.push(
      'JWKS_URL, JWT_ISSUER and JWT_AUDIENCE belong together: a JWT that was signed for somebody else ' +
        `must not open this service. Set ${names} too, or none of the three.`,
    );
  }
  if (areRight('API_KEYS_FILE', 'JWKS_URL', 'HOST') && !hasCallers(read) && !isLoopback(HOST)) {
    quarrels.push(
      `HOST=${HOST} can be reached from other machines, which needs API_KEYS_FILE or JWKS_URL. ` +
        'Name a file of keys or the keys of an issuer of JWTs, or listen on 127.0.0.1.',
    );
  }
  return quarrels;
}

function hasCallers({ API_KEYS_FILE, JWKS_URL }: z.infer<typeof schema>): boolean {
  return API_KEYS_FILE !== undefined || JWKS_URL !== undefined;
}

/** Settings with the defaults that depend on others. */
function withDefaults(read: z.infer<typeof schema>): Settings {
  const { RATE_LIMIT_PER_MINUTE, ENGINE_PROCESSES, ENGINE_THREADS } = read;
  return {
    ...read,
    RATE_LIMIT_PER_MINUTE: RATE_LIMIT_PER_MINUTE ?? (hasCallers(read) ? DEFAULT_RATE_PER_MINUTE : 0),
    ENGINE_THREADS: ENGINE_THREADS ?? Math.max(1, Math.floor(availableParallelism() / ENGINE_PROCESSES)),
  };
}
