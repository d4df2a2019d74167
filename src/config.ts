import { availableParallelism } from 'node:os';
import { z } from 'zod';

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
  AUDIT_SALT: text('sensigate audit'),
  QUEUE_LIMIT: integer(1, 1_000_000, 1024),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type Config = z.infer<typeof schema> & { readonly ENGINE_THREADS: number };

/** Every variable that the service reads. */
export const SETTINGS: readonly string[] = Object.keys(schema.shape);

/** Settings of later versions: to take them in silence would be worse than to refuse. */
const NOT_YET: ReadonlySet<string> = new Set(['JWKS_URL']);

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
  const early = Object.keys(given).filter((name) => NOT_YET.has(name));
  if (early.length > 0) {
    throw new ConfigError(
      `this version does not know ${early.join(', ')} yet, and would not do what it says: leave it out`,
    );
  }
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `  ${path.join('.')}=${JSON.stringify(given[String(path[0])])}: ${message}`,
    );
    throw new ConfigError(`these environment variables are wrong:\n${problems.join('\n')}`);
  }
  const { ENGINE_PROCESSES, ENGINE_THREADS } = parsed.data;
  const config = {
    ...parsed.data,
    ENGINE_THREADS: ENGINE_THREADS ?? Math.max(1, Math.floor(availableParallelism() / ENGINE_PROCESSES)),
  };
  if (config.MAX_INFLIGHT_BYTES < config.MAX_BODY_BYTES) {
    throw new ConfigError(
      `MAX_INFLIGHT_BYTES=${config.MAX_INFLIGHT_BYTES} is less than MAX_BODY_BYTES=${config.MAX_BODY_BYTES}: ` +
        'the largest body would never be taken. Raise the former or lower the latter.',
    );
  }
  if (config.API_KEYS_FILE === undefined && !isLoopback(config.HOST)) {
    throw new ConfigError(
      `HOST=${config.HOST} can be reached from other machines, which needs API_KEYS_FILE. ` +
        'Name a file of keys, or listen on 127.0.0.1.',
    );
  }
  return config;
}

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '127.0.0.1';
}
