import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import { asPlainText, plainText } from '../plain-text.ts';
import { AccessError } from './access-error.ts';
import type { TokenRefusal, VerifyToken } from './authenticate.ts';
import { type Caller, SCOPES } from './caller.ts';

export interface JwtOptions {
  /** Where the issuer publishes its public keys. */
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told once when the issuer's keys can no longer be had, and again only after they could. */
  readonly onUnavailable?: (error: unknown) => void;
}

/** Signatures by a private key alone: with a shared secret whoever checks could also sign. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** How far the issuer's clock may be off. */
const CLOCK_TOLERANCE_S = 5;
const JWKS_TIMEOUT_MS = 5_000;
/** After the keys could not be had: they are not asked for again, however many tokens come. */
const REST_AFTER_FAILURE_MS = 5_000;

/** What an id may hold that stands in logs and on labels. */
const SUBJECT = /^[^\p{Cc}\p{Cf}\p{Cs}]{1,128}$/u;

/**
 * Recognises JWTs (RFC 7519) that the issuer has signed for this audience, by the keys that it publishes.
 *
 * The caller is `jwt:` and the token's `sub`. No key's id holds a colon, so the two never meet. Scopes are
 * those of `scope` (RFC 8693, separated by spaces) or `scp` that the service knows; others are for somebody
 * else and are passed over.
 *
 * The keys are fetched at the first JWT, kept for ten minutes, and asked for again, at most every 30 s, where
 * a token names one that is not among them: a new signing key needs no restart. Where they cannot be had,
 * nobody is let in.
 */
export function createJwtVerifier(options: JwtOptions): VerifyToken {
  const { jwksUrl, issuer, audience, now, onUnavailable } = options;
  let told = false;
  const keys = issuersKeys(jwksUrl, now);
  return async (bearerToken) => {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearerToken)) return null;
    try {
      const { payload } = await jwtVerify(bearerToken, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now()),
      });
      told = false;
      return callerOf(payload);
    } catch (error) {
      const refusal = refusalOf(error, { issuer, audience });
      if (refusal !== null) return refusal;
      if (!told) onUnavailable?.(error);
      told = true;
      throw unavailable();
    }
  };
}

/** The keys at `jwksUrl`; jose waits between fetches that succeed, and this after one that does not. */
function issuersKeys(jwksUrl: string, now: () => number): JWTVerifyGetKey {
  let failedMs = -Infinity;
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    [customFetch]: (url, init) => {
      const since = now() - failedMs;
      // A clock that was set back ends the rest.
      if (since < 0 || since >= REST_AFTER_FAILURE_MS) return fetch(url, init);
      return Promise.reject(new RestingError('the keys could not be had a moment ago'));
    },
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      const isAboutToken =
        error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
      if (!isAboutToken && !(error instanceof RestingError)) failedMs = now();
      throw error;
    }
  };
}

class RestingError extends Error {
  override readonly name = 'RestingError';
}

/** Scopes as text separated by spaces or as a list; whatever else stands there names none of ours. */
const scopesClaim = z
  .union([z.string().transform((text): unknown[] => text.split(' ')), z.array(z.unknown())])
  .catch([]);

/** All that is taken from a token beside what jose has checked. */
const claimsSchema = z.object({
  sub: plainText(z.string().regex(SUBJECT)),
  scope: scopesClaim,
  scp: scopesClaim,
});

function callerOf(payload: JWTPayload): Caller | TokenRefusal {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    return {
      refused: 'unauthorized',
      why: 'Expected a JWT whose "sub" is text of 1 to 128 characters and no control characters among them.',
    };
  }
  const { sub, scope, scp } = claims.data;
  const named = [...scope, ...scp];
  return { keyId: asPlainText(`jwt:${sub}`), scopes: SCOPES.filter((known) => named.includes(known)) };
}

function unavailable(): AccessError {
  return new AccessError(
    'jwks_unavailable',
    'The keys that JWTs are checked with cannot be had, so none is accepted. Try again in a moment; ' +
      'where it stays so, the operator looks whether JWKS_URL answers from where the service runs.',
    { retrySeconds: 5 },
  );
}

/** Why the token is refused; null where it is not the token that is at fault. */
function refusalOf(error: unknown, expected: { issuer: string; audience: string }): TokenRefusal | null {
  if (error instanceof errors.JWTExpired) {
    return { refused: 'expired_credential', why: 'The JWT has expired; ask its issuer for another.' };
  }
  const why = faultOf(error, expected);
  return why === null ? null : { refused: 'unauthorized', why };
}

/** What is wrong with the token; null where nothing is. */
function faultOf(error: unknown, { issuer, audience }: { issuer: string; audience: string }): string | null {
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wanted = { iss: `"${issuer}"`, aud: `"${audience}"` }[error.claim];
    return `The JWT is not accepted: ${error.message}${wanted === undefined ? '' : `, expected ${wanted}`}.`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return `Expected a JWT signed by one of ${ALGORITHMS.join(', ')}.`;
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return 'The JWT names no key ("kid") that its issuer publishes.';
  }
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'The signature of the JWT does not hold.';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return (
      'The token has the form of a JWT and is none; ask the operator for a key, or the issuer ' + 'for a JWT.'
    );
  }
  return null;
}
