import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type PlainText, plainText } from '../plain-text.ts';
import type { VerifyToken } from './authenticate.ts';
import { type Caller, SCOPES, type Scope } from './caller.ts';

const keySchema = z
  .strictObject({
    // No colon: with one it could be taken for the subject of a JWT.
    id: plainText(z.string().regex(/^[\w.@-]{1,64}$/, 'expected 1 to 64 letters, digits, and _ . @ -')),
    sha256: z
      .string()
      .regex(
        /^[0-9a-f]{64}$/i,
        'expected the SHA-256 of the key as 64 hex digits: printf %s "$KEY" | sha256sum',
      )
      .transform((hex) => Buffer.from(hex, 'hex')),
    scopes: z.array(z.enum(SCOPES)).min(1),
    expires: z.iso
      .datetime({ offset: true, error: 'expected a date and time with its zone: 2027-01-31T00:00:00Z' })
      .transform((text) => Date.parse(text))
      .optional(),
    rate_per_minute: z.int().min(1).max(1_000_000).optional(),
  })
  .transform(({ expires, rate_per_minute, ...key }): ApiKey => ({
    ...key,
    expiresMs: expires ?? null,
    ratePerMinute: rate_per_minute ?? null,
  }));

export interface ApiKey {
  readonly id: PlainText;
  readonly sha256: Buffer;
  readonly scopes: readonly Scope[];
  /** From then on it is no longer good; null for ever. */
  readonly expiresMs: number | null;
  /** Null: that of the service. */
  readonly ratePerMinute: number | null;
}

const keysSchema = z
  .array(keySchema)
  .min(1, 'expected at least one key; without any, nobody could call')
  .superRefine((keys, context) => {
    keys.forEach(({ id, sha256 }, i) => {
      const earlier = keys.slice(0, i);
      if (earlier.some((other) => other.id === id)) {
        context.addIssue({ code: 'custom', path: [i, 'id'], message: `"${id}" is the id of two keys` });
      }
      if (earlier.some((other) => other.sha256.equals(sha256))) {
        context.addIssue({ code: 'custom', path: [i, 'sha256'], message: 'the same key stands here twice' });
      }
    });
  });

/**
 * An API_KEYS_FILE that cannot be used. The message names the file and all that is wrong, and quotes no hash.
 */
export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError';
}

/**
 * The keys in `text`, the content of the API_KEYS_FILE at `path`: a JSON array of
 * `{"id", "sha256", "scopes", "expires"?, "rate_per_minute"?}`.
 *
 * Keys are to be random (`openssl rand -hex 32`), which is why a plain SHA-256 is enough to store.
 *
 * @throws ApiKeysError
 */
export function parseApiKeys(text: string, path: string): readonly ApiKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message would quote the file.
    throw new ApiKeysError(`${path} is not JSON; expected an array of {"id", "sha256", "scopes"}`);
  }
  const parsed = keysSchema.safeParse(json);
  if (!parsed.success) throw new ApiKeysError(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Recognises `keys`. */
export function verifierOf(keys: readonly ApiKey[], now: () => number): VerifyToken {
  return (bearerToken) => {
    const presented = createHash('sha256').update(bearerToken).digest();
    let found: ApiKey | null = null;
    // All are compared, so that the time tells nothing of which one matched.
    for (const key of keys) if (timingSafeEqual(key.sha256, presented)) found = key;
    if (found === null) return null;
    const { id, scopes, expiresMs, ratePerMinute } = found;
    if (expiresMs !== null && now() >= expiresMs) {
      const when = new Date(expiresMs).toISOString();
      return {
        refused: 'expired_credential',
        why: `Key "${id}" has expired on ${when}; ask the service's operator for another.`,
      };
    }
    return { keyId: id, scopes, ...(ratePerMinute === null ? {} : { ratePerMinute }) } satisfies Caller;
  };
}
