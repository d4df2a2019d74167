import { createHash } from 'node:crypto';
import type { VerifyToken } from '../../../src/access/authenticate.ts';
import type { Scope } from '../../../src/access/caller.ts';
import { parseApiKeys, verifierOf } from '../../../src/access/api-keys.ts';

export const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

/** One key a set of scopes; the key says what it may do: `key-of-review`, `key-of-review+admin`. */
export function keysOf(...sets: readonly (readonly Scope[])[]): VerifyToken {
  const keys = sets.map((scopes) => ({
    id: scopes.join('.'),
    sha256: sha256(`key-of-${scopes.join('+')}`),
    scopes,
  }));
  return verifierOf(parseApiKeys(JSON.stringify(keys), 'keys of a test'), Date.now);
}
