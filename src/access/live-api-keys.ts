import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { VerifyToken } from './authenticate.ts';
import type { Scope } from './caller.ts';
import { type ApiKey, ApiKeysError, parseApiKeys, verifierOf } from './api-keys.ts';

/** A key as the audit trail shows it: enough to see that it was replaced, and nothing to call with. */
export type KeyDescription = {
  readonly id: string;
  readonly scopes: readonly Scope[];
  readonly expires: string | null;
  readonly rate_per_minute: number | null;
  /** Eight hex digits of a hash of the hash: another key under the same id has another. */
  readonly fingerprint: string;
};

export type Reload =
  { readonly outcome: 'unchanged' | 'taken' } | { readonly outcome: 'refused'; readonly error: ApiKeysError };

/** The keys of a file, as it is now. */
export interface LiveApiKeys {
  readonly verify: VerifyToken;
  /** Sorted by id. */
  describe(): KeyDescription[];
  /** Of those that are no longer good, the ids. */
  expired(): string[];
  /**
   * Reads the file again. One that does not hold is refused, and the keys from before stay good; it is told
   * once, until the file changes again.
   */
  reload(): Promise<Reload>;
  /** Whether the file, when it was last read, did not hold, so that other keys are good than it names. */
  isRefused(): boolean;
}

/**
 * Reads the keys in the file at `path`.
 *
 * The file is compared by its content and by nothing else: a Secret mounted by Kubernetes changes by a
 * symbolic link being put in place of another, which neither its times nor watching it tell reliably.
 *
 * @throws ApiKeysError
 */
export async function openApiKeys(path: string, now: () => number): Promise<LiveApiKeys> {
  let content = await readKeysFile(path);
  let keys = parseApiKeys(content, path);
  let verify = verifierOf(keys, now);
  /** What was last found, good or not; null where it could not be read. */
  let seen: string | null = content;

  const reload = async (): Promise<Reload> => {
    const before = seen;
    try {
      seen = null;
      const found = await readKeysFile(path);
      seen = found;
      if (found === before || found === content) return { outcome: 'unchanged' };
      keys = parseApiKeys(found, path);
      content = found;
      verify = verifierOf(keys, now);
      return { outcome: 'taken' };
    } catch (error) {
      if (!(error instanceof ApiKeysError)) throw error;
      return seen === before ? { outcome: 'unchanged' } : { outcome: 'refused', error };
    }
  };

  return {
    verify: (bearerToken) => verify(bearerToken),
    describe: () => [...keys].sort((a, b) => (a.id < b.id ? -1 : 1)).map(describe),
    expired: () =>
      keys.filter(({ expiresMs }) => expiresMs !== null && now() >= expiresMs).map(({ id }) => id),
    reload,
    isRefused: () => seen !== content,
  };
}

async function readKeysFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ApiKeysError(`expected a file of API keys at ${path}: ${(error as Error).message}`);
  }
}

function describe({ id, sha256, scopes, expiresMs, ratePerMinute }: ApiKey): KeyDescription {
  return {
    id,
    scopes,
    expires: expiresMs === null ? null : new Date(expiresMs).toISOString(),
    rate_per_minute: ratePerMinute,
    fingerprint: createHash('sha256').update(sha256).digest('hex').slice(0, 8),
  };
}
