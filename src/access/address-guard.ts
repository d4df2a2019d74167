import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { AccessError } from './access-error.ts';
import { TokenBuckets } from './token-buckets.ts';

/**
 * Slows down whoever guesses credentials from one address.
 *
 * What counts is how many different wrong tokens come. A client that goes on with one that is no longer good,
 * which is what happens when a key is withdrawn, guesses nothing, and must not lock out who shares its
 * address.
 */
export interface AddressGuard {
  /**
   * Called before a token is looked at.
   *
   * @throws AccessError `too_many_failures`
   */
  admit(address: string, token: string): void;
  countFailure(address: string, token: string): void;
}

/** Addresses that are watched at a time; the ones quiet for longest are forgotten. */
const MOST_ADDRESSES = 10_000;
/** Wrong tokens that are remembered, of all addresses. */
const MOST_TOKENS = 20_000;

/**
 * @param perMinute Different wrong tokens that may come from one address.
 * @param now Milliseconds since 1970.
 */
export function createAddressGuard(perMinute: number, now: () => number): AddressGuard {
  const buckets = new TokenBuckets(MOST_ADDRESSES);
  const known = new Set<string>();
  return {
    admit: (address, token) => {
      const from = networkOf(address);
      const { allowed, nextSeconds } = buckets.look(from, perMinute, now());
      if (allowed || known.has(markOf(from, token))) return;
      const seconds = Math.ceil(nextSeconds);
      throw new AccessError(
        'too_many_failures',
        `More than ${perMinute} wrong credentials in a minute came from this address. Try again in ` +
          `${seconds} s. Where the service is behind a proxy and all callers seem to have one address, ` +
          'its operator sets TRUSTED_PROXIES.',
        { retrySeconds: seconds },
      );
    },
    countFailure: (address, token) => {
      const from = networkOf(address);
      const mark = markOf(from, token);
      if (known.has(mark)) return;
      buckets.take(from, perMinute, now());
      known.add(mark);
      if (known.size > MOST_TOKENS) {
        const [oldest] = known;
        known.delete(oldest!);
      }
    },
  };
}

/** The tokens themselves are not kept. */
function markOf(from: string, token: string): string {
  return createHash('sha256').update(`${from} ${token}`).digest('base64');
}

/** Of IPv6 the network of 64 bits, of which one caller commonly has all addresses. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return address;
  const [head = '', tail] = bare.split('::');
  const groupsOf = (text: string | undefined): string[] =>
    text === undefined || text === '' ? [] : text.split(':');
  const before = groupsOf(head);
  const after = groupsOf(tail);
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
