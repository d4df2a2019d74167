import { createHash } from 'node:crypto';
import { AccessError } from './access-error.ts';
import { networkOf } from './client-address.ts';
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
   * What `look` finds of the token, which is counted before it is looked at, and given back where it was no
   * guess: however many come at once, no more are looked at than may be wrong. Where `look` throws, nobody
   * knows whether it was one, and it stays counted.
   *
   * The same token from the same address is looked at once at a time.
   *
   * @throws AccessError `too_many_failures`, and what `look` throws
   */
  watch<Found>(
    address: string,
    token: string,
    look: () => Found | Promise<Found>,
    judge: (found: Found) => Judgement,
  ): Promise<Found>;
}

/** `good` and `wrong` tokens are remembered; one that was good `once` costs nothing and is forgotten. */
export type Judgement = 'good' | 'wrong' | 'once';

/** Addresses that are watched at a time; the ones quiet for longest are forgotten. */
const MOST_ADDRESSES = 10_000;
/** Tokens that are remembered, of all addresses. */
const MOST_TOKENS = 20_000;

/** Tokens of one network that are looked at now, and those that wait for what comes of it. */
interface Looks {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * @param perMinute Different wrong tokens that may come from one address.
 * @param now Milliseconds since 1970.
 */
export function createAddressGuard(perMinute: number, now: () => number): AddressGuard {
  const buckets = new TokenBuckets(MOST_ADDRESSES);
  /** Tokens that were looked at before, good or counted as wrong: to look again costs nothing. */
  const known = new Set<string>();
  const networks = new Map<string, Looks>();
  const underWay = new Map<string, Promise<unknown>>();

  /** Takes a place for one look; waits where all are taken by looks that may give theirs back. */
  const takePlace = async (from: string): Promise<void> => {
    for (;;) {
      const { allowed, nextSeconds } = buckets.take(from, perMinute, now());
      const looks = networks.get(from);
      if (allowed) {
        if (looks === undefined) networks.set(from, { running: 1, waiting: [] });
        else looks.running++;
        return;
      }
      if (looks === undefined) throw tooMany(perMinute, Math.ceil(nextSeconds));
      await new Promise<void>((wake) => looks.waiting.push(wake));
    }
  };

  const leavePlace = (from: string, isGivenBack: boolean): void => {
    const looks = networks.get(from)!;
    if (isGivenBack) buckets.giveBack(from, perMinute, now());
    looks.running--;
    if (looks.running === 0) networks.delete(from);
    for (const wake of looks.waiting.splice(0, looks.running === 0 ? Infinity : isGivenBack ? 1 : 0)) wake();
  };

  const remember = (mark: string): void => {
    known.delete(mark);
    known.add(mark);
    if (known.size > MOST_TOKENS) {
      const [oldest] = known;
      known.delete(oldest!);
    }
  };

  return {
    watch: <Found>(
      address: string,
      token: string,
      look: () => Found | Promise<Found>,
      judge: (found: Found) => Judgement,
    ): Promise<Found> => {
      const from = networkOf(address);
      const mark = markOf(from, token);
      const lookOnce = async (): Promise<Found> => {
        if (known.has(mark)) {
          remember(mark);
          return look();
        }
        await takePlace(from);
        let judgement: Judgement = 'wrong';
        try {
          const found = await look();
          judgement = judge(found);
          return found;
        } finally {
          if (judgement !== 'once') remember(mark);
          leavePlace(from, judgement !== 'wrong');
        }
      };
      const running = underWay.get(mark) as Promise<Found> | undefined;
      if (running !== undefined) return running;
      const started = lookOnce().finally(() => underWay.delete(mark));
      underWay.set(mark, started);
      return started;
    },
  };
}

function tooMany(perMinute: number, seconds: number): AccessError {
  return new AccessError(
    'too_many_failures',
    `More than ${perMinute} wrong credentials in a minute came from this address. Try again in ` +
      `${seconds} s. Where the service is behind a proxy and all callers seem to have one address, ` +
      'its operator sets TRUSTED_PROXIES.',
    { retrySeconds: seconds },
  );
}

/** The tokens themselves are not kept. */
function markOf(from: string, token: string): string {
  return createHash('sha256').update(`${from} ${token}`).digest('base64');
}
