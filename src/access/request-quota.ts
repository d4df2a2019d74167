import type { Response } from 'express';
import type { Caller } from '../fronts/http/server/authorize.ts';
import { HttpError } from '../fronts/http/http-error.ts';
import { TokenBuckets } from './token-buckets.ts';

/**
 * Counts a request of `caller` and says on the answer what is left.
 *
 * @throws HttpError `rate_limited`
 */
export type LimitRequests = (caller: Caller, response: Response) => void;

/** Callers whose requests are counted at a time: far more than keys, and enough for the subjects of JWTs. */
const MOST_CALLERS = 10_000;

/**
 * Limits how many requests each caller may send, in a bucket that holds a minute's worth.
 *
 * Headers are those of draft-ietf-httpapi-ratelimit-headers. `t` is when the quota is whole again; beside Retry-After it
 * names the same moment as that does, as the draft wants. Each replica counts by itself.
 *
 * @param perMinute For callers that have no number of their own; null where those are not limited.
 * @param now Milliseconds since 1970.
 */
export function createRequestLimit(perMinute: number | null, now: () => number): LimitRequests {
  const buckets = new TokenBuckets(MOST_CALLERS);
  return (caller, response) => {
    const quota = caller.ratePerMinute ?? perMinute;
    if (quota === null) return;
    const { allowed, remaining, nextSeconds, fullSeconds } = buckets.take(caller.keyId, quota, now());
    const seconds = Math.ceil(allowed ? fullSeconds : nextSeconds);
    response.setHeader('ratelimit-policy', `"requests";q=${quota};w=60`);
    response.setHeader('ratelimit', `"requests";r=${remaining};t=${seconds}`);
    if (allowed) return;
    throw new HttpError(
      'rate_limited',
      `"${caller.keyId}" may send ${quota} requests a minute and has sent more. Send the next in ${seconds} s, or ask ` +
        'the operator for more: rate_per_minute in the file of keys, or RATE_LIMIT_PER_MINUTE.',
      { headers: { 'retry-after': String(seconds) } },
    );
  };
}
