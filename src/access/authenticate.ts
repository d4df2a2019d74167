import { AccessError } from './access-error.ts';
import type { AddressGuard, Judgement } from './address-guard.ts';
import type { Caller } from './caller.ts';

/** Why a token is refused that is not simply unknown; whoever sent it is told. */
export interface TokenRefusal {
  /** `expired_credential` only for what would be good but for its age, which is then no guess. */
  readonly refused: 'unauthorized' | 'expired_credential';
  readonly why: string;
}

type Verdict = Caller | TokenRefusal | null;

/**
 * Whose bearer token it is; null where it is nobody's.
 *
 * @throws AccessError `jwks_unavailable`
 */
export type VerifyToken = (bearerToken: string) => Verdict | Promise<Verdict>;

/** Tries one verifier after the other; the first that knows the token decides. Null where there is none. */
export function anyOf(...verifiers: readonly (VerifyToken | null)[]): VerifyToken | null {
  const tried = verifiers.filter((verify) => verify !== null);
  if (tried.length === 0) return null;
  return async (bearerToken) => {
    for (const verify of tried) {
      const verdict = await verify(bearerToken);
      if (verdict !== null) return verdict;
    }
    return null;
  };
}

/**
 * The caller whose bearer token came from `address`.
 *
 * @param token Null where none was sent.
 * @throws AccessError `unauthorized`, `expired_credential`, `too_many_failures`, `jwks_unavailable`
 */
export async function authenticate(
  token: string | null,
  address: string,
  verify: VerifyToken,
  guard: AddressGuard,
): Promise<Caller> {
  if (token === null) {
    throw new AccessError('unauthorized', 'Send the header "Authorization: Bearer <API key or JWT>".', {
      presented: false,
    });
  }
  const verdict = await guard.watch(address, token, () => verify(token), judge);
  if (verdict !== null && 'keyId' in verdict) return verdict;
  const { refused, why } = verdict ?? {
    refused: 'unauthorized',
    why: 'The bearer token is not a key of this service; ask its operator for one.',
  };
  throw new AccessError(refused, why, { presented: true });
}

function judge(verdict: Verdict): Judgement {
  if (verdict === null) return 'wrong';
  if ('keyId' in verdict) return 'good';
  return verdict.refused === 'unauthorized' ? 'wrong' : 'once';
}
