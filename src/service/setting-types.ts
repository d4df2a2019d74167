/**
 * What the values of settings may be, each read from text and each with a message that says what was
 * expected.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isLoopback } from '../access/loopback.ts';
import { durationMs } from '../command-line/options.ts';
import { DatabaseUrlError } from '../store/postgres/database-url-error.ts';
import { parseDatabaseUrl } from '../store/postgres/database-url.ts';
import { OTHER_STREAMS } from '../store/stream-group.ts';
import { reasonSchema } from '../wire/answers.ts';
import { LONGEST_STREAM, streamName } from '../wire/stream-name.ts';

const numberBetween = (least: number, most: number, what: string, accepts: (value: number) => boolean) =>
  z.string().transform((text, context) => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (accepts(value) && value >= least && value <= most) return value;
    context.addIssue(`expected ${what} from ${least} to ${most}`);
    return z.NEVER;
  });

export const wholeNumber = (least: number, most: number) =>
  numberBetween(least, most, 'a whole number', Number.isInteger);

/** Milliseconds of a `time`; null for any other text. */
export const timeMs = (text: string): number | null => (text === '0' ? 0 : durationMs(text));

/** A time such as `24h`, or 0. */
export const time = z
  .string()
  .refine((text) => timeMs(text) !== null, { error: 'expected a time such as 24h, 7d, 90m or 30s, or 0' });

/** A share of all, from 0 to 1. */
export const share = numberBetween(0, 1, 'a number', Number.isFinite);

/** What is not given counts as absent, so any text that is there has a character. */
export const text = z.string();

/** What is done while an alarm for change stands. */
export const onShift = z.enum(['audit', 'review', 'alert'], { error: 'expected audit, review or alert' });

export const yesOrNo = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((word) => word === 'true');

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
  error: 'expected one of trace, debug, info, warn, error, fatal, silent',
});

export const httpUrl = z.url({ protocol: /^https?$/, error: 'expected http://… or https://…' });

const REASONS: readonly string[] = reasonSchema.options;

/** `audit=2/3,sensitive=1`: two people must agree on an audit, three are asked at most. */
export const overlaps = z.string().transform((value, context) => {
  const wanted: Record<string, { agree: number; most: number }> = {};
  for (const part of value.split(',')) {
    const [, reason, agree, most = agree] = /^\s*([a-z_]+)=(\d{1,2})(?:\/(\d{1,2}))?\s*$/.exec(part) ?? [];
    if (reason === undefined || Number(agree) < 1 || Number(most) < Number(agree)) {
      context.addIssue(
        'expected a list such as audit=2/3,sensitive=1: a reason, who must agree, who is asked at most',
      );
      return z.NEVER;
    }
    if (!REASONS.includes(reason)) {
      context.addIssue(`${reason} is no reason for review; expected one of ${REASONS.join(', ')}`);
      return z.NEVER;
    }
    wanted[reason] = { agree: Number(agree), most: Number(most) };
  }
  return wanted;
});

/** Time series of streams that Prometheus is asked to keep, and strata of audits. */
const MOST_STREAMS = 32;

/** Names separated by commas. */
export const streams = z.string().transform((value, context) => {
  const names = [...new Set(value.split(',').map((name) => name.trim()))];
  const bad = names.find((name) => !streamName.safeParse(name).success);
  if (bad !== undefined)
    context.addIssue(
      `expected names of 1 to ${LONGEST_STREAM} characters separated by commas, such as camera-1,camera-2; ` +
        `got "${bad}"`,
    );
  else if (names.includes(OTHER_STREAMS))
    context.addIssue(`"${OTHER_STREAMS}" stands for all streams that are not named; expected other names`);
  else if (names.length > MOST_STREAMS)
    context.addIssue(`expected at most ${MOST_STREAMS} names; got ${names.length}`);
  else return names;
  return z.NEVER;
});

/** `loopback`, `linklocal`, `uniquelocal`, addresses and networks, as Express has them. */
export const proxies = z.string().transform((value, context) => {
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
export const jwksUrl = httpUrl.refine(
  (value) => {
    const { protocol, hostname } = new URL(value);
    return protocol === 'https:' || isLoopback(hostname);
  },
  { error: 'expected https://…; http:// only of this machine' },
);

/** PostgreSQL's, as libpq has it; what is wrong with it is told without showing it. */
export const databaseUrl = z.string().superRefine((url, context) => {
  try {
    parseDatabaseUrl(url, process.env);
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    context.addIssue(error.message);
  }
});
