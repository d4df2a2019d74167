import { availableParallelism } from 'node:os';
import { isIP } from 'node:net';
import { z } from 'zod';

/** Fine where nobody draws an advantage from knowing which labels are audited. */
export const DEFAULT_AUDIT_SALT = 'sensigate audit';

const integer = (least: number, most: number, otherwise: number) =>
  z.coerce.number().int().min(least).max(most).default(otherwise);
const text = (otherwise: string) => z.string().min(1).default(otherwise);

/**
 * One engine process of one thread for every core, measured by `node bench/run.ts processes`: while one runs its network another reads,
 * writes and decides, and no thread waits for another's part of an operator. Each holds the model once more, hence the limit.
 */
const DEFAULT_PROCESSES = Math.min(8, availableParallelism());

/** `audit=2/3,sensitive=1`: two people must agree on an audit, three are asked at most. */
const overlaps = z.string().transform((value, context) => {
  const wanted: Record<string, { agree: number; most: number }> = {};
  for (const part of value.split(',')) {
    const [, reason, agree, most = agree] = /^\s*([a-z_]+)=(\d{1,2})(?:\/(\d{1,2}))?\s*$/.exec(part) ?? [];
    if (reason === undefined || Number(agree) < 1 || Number(most) < Number(agree)) {
      context.addIssue(
        'expected a list such as audit=2/3,sensitive=1: a reason, who must agree, who is asked at most',
      );
      return z.NEVER;
    }
    wanted[reason] = { agree: Number(agree), most: Number(most) };
  }
  return wanted;
});

/** `loopback`, `linklocal`, `uniquelocal`, addresses and networks, as Express has them. */
const proxies = z.string().transform((value, context) => {
  const named = value.split(',').map((part) => part.trim());
  for (const name of named) {
    if (['loopback', 'linklocal', 'uniquelocal'].includes(name)) continue;
    const [address = '', bits = '0', ...others] = name.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    if (others.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most) continue;
    context.addIssue(
      `expected a list such as 10.0.0.0/8,192.168.0.7 or uniquelocal; "${name}" is no address or network`,
    );
    return z.NEVER;
  }
  return named;
});

/** Whoever can change what this answers can let anybody in. */
const jwksUrl = z.url({ protocol: /^https?$/ }).refine(
  (value) => {
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  },
  { error: 'expected https://…; http:// only of this machine' },
);

const schema = z.object({
  HOST: text('127.0.0.1'),
  PORT: integer(0, 65535, 8080),
  DATA_DIR: text('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://user:password@host:port/database')
    .optional(),
  DATABASE_POOL: integer(1, 1000, 10),
  OVERLAP: overlaps.default({}),
  MODEL_DIR: text('models/fashion-mnist'),
  GATE_FILE: z.string().min(1).optional(),
  API_KEYS_FILE: z.string().min(1).optional(),
  JWKS_URL: jwksUrl.optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  /** Of each caller; 0 for any number. */
  RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(0).max(1_000_000).optional(),
  /** Different wrong credentials from one address. */
  AUTH_FAILURES_PER_MINUTE: integer(1, 1_000_000, 30),
  TRUSTED_PROXIES: proxies.default([]),
  DEADLINE_MS: integer(1, 600_000, 10_000),
  MAX_IMAGE_PIXELS: integer(1, 268_402_689, 50_000_000),
  MAX_BODY_BYTES: integer(1024, 1_073_741_824, 20_971_520),
  MAX_INFLIGHT_BYTES: integer(1024, 1_099_511_627_776, 268_435_456),
  /** From the first byte of a request to its last. */
  REQUEST_TIMEOUT_MS: integer(100, 3_600_000, 60_000),
  MAX_CONNECTIONS: integer(1, 1_000_000, 1000),
  SHUTDOWN_DELAY_MS: integer(0, 600_000, 0),
  SHUTDOWN_GRACE_MS: integer(0, 3_600_000, 20_000),
  GATE_CHECK_MS: integer(100, 3_600_000, 5000),
  ENGINE_PROCESSES: integer(1, 64, DEFAULT_PROCESSES),
  /** Of each process; by default they share the cores. */
  ENGINE_THREADS: z.coerce.number().int().min(1).max(256).optional(),
  AUDIT_RATE: z.coerce.number().min(0).max(1).default(0.01),
  AUDIT_SALT: text(DEFAULT_AUDIT_SALT),
  QUEUE_LIMIT: integer(1, 1_000_000, 1024),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = z.infer<typeof schema> & {
  readonly ENGINE_THREADS: number;
  readonly RATE_LIMIT_PER_MINUTE: number;
};

/** Of each caller where there are several: a hundred a second, so that none takes the service for itself alone. */
const DEFAULT_RATE_PER_MINUTE = 6000;

/** Every variable that the service reads. */
export const SETTINGS: readonly string[] = Object.keys(schema.shape);

/** Settings that don't hold. The message names every one of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the service's settings from environment variables; an empty one counts as absent.
 *
 * @throws ConfigError
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `  ${path.join('.')}=${JSON.stringify(given[String(path[0])])}: ${message}`,
    );
    throw new ConfigError(`these environment variables are wrong:\n${problems.join('\n')}`);
  }
  const { ENGINE_PROCESSES, ENGINE_THREADS } = parsed.data;
  const { API_KEYS_FILE, JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, RATE_LIMIT_PER_MINUTE } = parsed.data;
  const known = API_KEYS_FILE !== undefined || JWKS_URL !== undefined;
  const config = {
    ...parsed.data,
    RATE_LIMIT_PER_MINUTE: RATE_LIMIT_PER_MINUTE ?? (known ? DEFAULT_RATE_PER_MINUTE : 0),
    ENGINE_THREADS: ENGINE_THREADS ?? Math.max(1, Math.floor(availableParallelism() / ENGINE_PROCESSES)),
  };
  if (config.MAX_INFLIGHT_BYTES < config.MAX_BODY_BYTES) {
    throw new ConfigError(
      `MAX_INFLIGHT_BYTES=${config.MAX_INFLIGHT_BYTES} is less than MAX_BODY_BYTES=${config.MAX_BODY_BYTES}: ` +
        'the largest body would never be taken. Raise the former or lower the latter.',
    );
  }
  const jwt = { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE };
  const missing = Object.entries(jwt).filter(([, value]) => value === undefined);
  if (missing.length > 0 && missing.length < 3) {
    const names = missing.map(([name]) => name).join(' and ');
    throw new ConfigError(
      `JWKS_URL, JWT_ISSUER and JWT_AUDIENCE belong together: a JWT that was signed for somebody else must not open this ` +
        `service. Set ${names} too, or none of the three.`,
    );
  }
  if (!known && !isLoopback(config.HOST)) {
    throw new ConfigError(
      `HOST=${config.HOST} can be reached from other machines, which needs API_KEYS_FILE or JWKS_URL. ` +
        'Name a file of keys or the keys of an issuer of JWTs, or listen on 127.0.0.1.',
    );
  }
  return config;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '127.0.0.1';
}
