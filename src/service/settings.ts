import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DEFAULT_MODEL_FOLDER } from '../model/default-folder.ts';
import {
  databaseUrl,
  httpUrl,
  jwksUrl,
  logLevel,
  overlaps,
  proxies,
  share,
  text,
  wholeNumber,
  yesOrNo,
} from './setting-types.ts';
import { SettingsError } from './settings-error.ts';

/** Fine where nobody draws an advantage from knowing which labels are audited. */
export const DEFAULT_AUDIT_SALT = 'sensigate audit';

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
  HOST: text.default('127.0.0.1').describe('address to listen on; any but 127.0.0.1 needs keys or JWTs'),
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
  REQUEST_TIMEOUT_MS: wholeNumber(100, 3_600_000)
    .default(60_000)
    .describe('from the first byte of a request to its last'),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(1000).describe('open at once'),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 600_000).default(0).describe('to serve on after a stop signal'),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 3_600_000)
    .default(20_000)
    .describe('to finish requests under way after that'),
  GATE_CHECK_MS: wholeNumber(100, 3_600_000).default(5000).describe('between two looks at the gate file'),
  ENGINE_PROCESSES: wholeNumber(1, 64)
    .default(DEFAULT_PROCESSES)
    .describe('processes that run the model; one for each core, 8 at most'),
  ENGINE_THREADS: wholeNumber(1, 256)
    .optional()
    .describe('threads of each of them; where it is not set they share the cores'),
  AUDIT_RATE: share.default(0.01).describe('share of automatic labels that people check'),
  AUDIT_SALT: text.default(DEFAULT_AUDIT_SALT).describe('secret from which audits are drawn'),
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
const SECRET: ReadonlySet<string> = new Set<SettingName>(['DATABASE_URL', 'AUDIT_SALT']);

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
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]) as SettingName;
      const value = SECRET.has(name) ? '…' : given[name];
      return `  ${options[name] === undefined ? `${name}=` : `${options[name].option} `}${value}: ${message}`;
    });
    throw new SettingsError(`these settings are wrong:\n${problems.join('\n')}`);
  }
  return checked(parsed.data);
}

/** Settings that hold together, with the defaults that depend on others. */
function checked(read: z.infer<typeof schema>): Settings {
  const { API_KEYS_FILE, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, RATE_LIMIT_PER_MINUTE, HOST } = read;
  const { ENGINE_PROCESSES, ENGINE_THREADS, MAX_INFLIGHT_BYTES, MAX_BODY_BYTES } = read;
  if (MAX_INFLIGHT_BYTES < MAX_BODY_BYTES) {
    throw new SettingsError(
      `MAX_INFLIGHT_BYTES=${MAX_INFLIGHT_BYTES} is less than MAX_BODY_BYTES=${MAX_BODY_BYTES}: ` +
        'the largest body would never be taken. Raise the former or lower the latter.',
    );
  }
  const jwt = { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE };
  const missing = Object.entries(jwt).filter(([, value]) => value === undefined);
  if (missing.length > 0 && missing.length < 3) {
    const names = missing.map(([name]) => name).join(' and ');
    throw new SettingsError(
      'JWKS_URL, JWT_ISSUER and JWT_AUDIENCE belong together: a JWT that was signed for somebody else ' +
        `must not open this service. Set ${names} too, or none of the three.`,
    );
  }
  const hasCallers = API_KEYS_FILE !== undefined || JWKS_URL !== undefined;
  if (!hasCallers && !isLoopback(HOST)) {
    throw new SettingsError(
      `HOST=${HOST} can be reached from other machines, which needs API_KEYS_FILE or JWKS_URL. ` +
        'Name a file of keys or the keys of an issuer of JWTs, or listen on 127.0.0.1.',
    );
  }
  return {
    ...read,
    RATE_LIMIT_PER_MINUTE: RATE_LIMIT_PER_MINUTE ?? (hasCallers ? DEFAULT_RATE_PER_MINUTE : 0),
    ENGINE_THREADS: ENGINE_THREADS ?? Math.max(1, Math.floor(availableParallelism() / ENGINE_PROCESSES)),
  };
}

/** Whether only this machine can reach the address. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '127.0.0.1';
}
