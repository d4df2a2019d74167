import { AccessError } from './access-error.ts';
import type { Caller } from './caller.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What is left of a caller's quota after one more request. */
export interface QuotaState {
  readonly allowed: boolean;
  /** Requests a minute. */
  readonly quota: number;
  readonly remaining: number;
  /** Until the quota is whole again; where the request is not allowed, until the next one is. */
  readonly seconds: number;
}

/** Counts a request of `caller`; null where its requests are not limited. */
export type TakeFromQuota = (caller: Caller) => QuotaState | null;

/** Callers whose requests are counted at a time: far more than keys, and enough for the subjects of JWTs. */
const MOST_CALLERS = 10_000;

/**
 * Limits how many requests each caller may send, in a bucket that holds a minute's worth. Each replica counts
 * by itself.
 *
 * @param perMinute For callers that have no number of their own; null where those are not limited.
 * @param now Milliseconds since 1970.
 */
export function createRequestQuota(perMinute: number | null, now: () => number): TakeFromQuota {
  const buckets = new TokenBuckets(MOST_CALLERS);
  return (caller) => {
    const quota = caller.ratePerMinute ?? perMinute;
    if (quota === null) return null;
    const { allowed, remaining, nextSeconds, fullSeconds } = buckets.take(caller.keyId, quota, now());
    return { allowed, quota, remaining, seconds: Math.ceil(allowed ? fullSeconds : nextSeconds) };
  };
}

/** @throws AccessError `rate_limited` where the request is beyond the quota */
export function requireQuota({ allowed, quota, seconds }: QuotaState, { keyId }: Caller): void {
  if (allowed) return;
  throw new AccessError(
    'rate_limited',
    `"${keyId}" may send ${quota} requests a minute and has sent more. Send the next in ${seconds} s, ` +
      'or ask the operator for more: rate_per_minute in the file of keys, or RATE_LIMIT_PER_MINUTE.',
    { retrySeconds: seconds },
  );
}
