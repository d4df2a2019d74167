/** What taking from a bucket gave. */
export interface Taken {
  readonly allowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the next token is there; 0 where one is. */
  readonly nextSeconds: number;
  /** Until the bucket is full again. */
  readonly fullSeconds: number;
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * Token buckets by name: each holds `perMinute` tokens at most and gains as many in a minute, evenly.
 *
 * A bucket that nobody has used is full and takes no memory. Of more than `most` names the ones unused for
 * longest are forgotten, which fills their buckets: the bound is on memory, and must be far above the number
 * of names in use.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** What `take` would find, without taking. */
  look(name: string, perMinute: number, nowMs: number): Taken {
    return outcome(this.#at(name, perMinute, nowMs), perMinute);
  }

  /** Takes one token where there is one. */
  take(name: string, perMinute: number, nowMs: number): Taken {
    const tokens = this.#at(name, perMinute, nowMs);
    if (tokens < 1) return outcome(tokens, perMinute);
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: tokens - 1, atMs: nowMs });
    if (this.#buckets.size > this.#most) {
      const [oldest] = this.#buckets.keys();
      this.#buckets.delete(oldest!);
    }
    return { ...outcome(tokens - 1, perMinute), allowed: true };
  }

  /** Puts back a token that was taken and not used. */
  giveBack(name: string, perMinute: number, nowMs: number): void {
    const bucket = this.#buckets.get(name);
    // Without a bucket it is full.
    if (bucket === undefined) return;
    const tokens = Math.min(perMinute, this.#at(name, perMinute, nowMs) + 1);
    this.#buckets.set(name, { tokens, atMs: nowMs });
  }

  get size(): number {
    return this.#buckets.size;
  }

  #at(name: string, perMinute: number, nowMs: number): number {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) return perMinute;
    // A clock that was set back gives nothing and takes nothing.
    const elapsed = Math.max(0, nowMs - bucket.atMs);
    return Math.min(perMinute, bucket.tokens + (elapsed * perMinute) / MINUTE_MS);
  }
}

function outcome(tokens: number, perMinute: number): Taken {
  const secondsFor = (missing: number): number => Math.max(0, (missing * 60) / perMinute);
  return {
    allowed: tokens >= 1,
    remaining: Math.floor(tokens),
    nextSeconds: secondsFor(1 - tokens),
    fullSeconds: secondsFor(perMinute - tokens),
  };
}
