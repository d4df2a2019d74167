import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Caller, SCOPES, type VerifyToken } from './access.ts';

const keySchema = z.strictObject({
  id: z.string().regex(/^[\w.@-]{1,64}$/, 'expected 1 to 64 letters, digits, and _ . @ -'),
  sha256: z
    .string()
    .regex(
      /^[0-9a-f]{64}$/i,
      'expected the SHA-256 of the key as 64 hex digits: printf %s "$KEY" | sha256sum',
    )
    .transform((hex) => Buffer.from(hex, 'hex')),
  scopes: z.array(z.enum(SCOPES)).min(1),
});

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

/** An API_KEYS_FILE that cannot be used. The message names the file and all that is wrong, and quotes no hash. */
export class ApiKeysError extends Error {
  override readonly name = 'ApiKeysError';
}

/**
 * Reads the keys in the file at `path`: a JSON array of `{"id", "sha256", "scopes"}`.
 *
 * Keys are to be random (`openssl rand -hex 32`), which is why a plain SHA-256 is enough to store.
 *
 * @throws ApiKeysError
 */
export async function loadApiKeys(path: string): Promise<VerifyToken> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ApiKeysError(`expected a file of API keys at ${path}: ${(error as Error).message}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message would quote the file.
    throw new ApiKeysError(`${path} is not JSON; expected an array of {"id", "sha256", "scopes"}`);
  }
  return verifierOf(json, path);
}

/**
 * Recognises the keys in `json`, the content of an API_KEYS_FILE.
 *
 * @throws ApiKeysError
 */
export function verifierOf(json: unknown, path: string): VerifyToken {
  const parsed = keysSchema.safeParse(json);
  if (!parsed.success) throw new ApiKeysError(`${path}: ${z.prettifyError(parsed.error)}`);
  const keys = parsed.data.map(({ id, sha256, scopes }) => ({
    sha256,
    caller: { keyId: id, scopes } satisfies Caller,
  }));
  return (bearerToken) => {
    const presented = createHash('sha256').update(bearerToken).digest();
    let found: Caller | null = null;
    // All are compared, so that the time tells nothing of which one matched.
    for (const { sha256, caller } of keys) if (timingSafeEqual(sha256, presented)) found = caller;
    return found;
  };
}
