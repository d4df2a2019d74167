import type { RequestHandler, Response } from 'express';
import type { AddressGuard } from '../../../access/address-guard.ts';
import { HttpError } from '../http-error.ts';
import { contextOf } from './request-context.ts';
import type { LimitRequests } from '../../../access/request-quota.ts';

export const SCOPES = ['predict', 'review', 'export', 'admin'] as const;

/** What a caller may do. No scope contains another: a lead's key names both `review` and `admin`. */
export type Scope = (typeof SCOPES)[number];

/** Who may call a route: a caller with that scope, any caller who is known, or anyone. */
export type RouteAccess = Scope | 'any_key' | 'open';

export interface Caller {
  /** Names the caller in logs, in the audit trail and, as the reviewer, on labels; never the key itself. */
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** Requests a minute of this caller's own; those of the service where absent. */
  readonly ratePerMinute?: number;
}

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
 * @throws HttpError `jwks_unavailable`
 */
export type VerifyToken = (bearerToken: string) => Verdict | Promise<Verdict>;

/** What stands before every route that is not open. */
export interface AccessControl {
  /** Null where the service has neither keys nor JWTs: everyone may do everything. */
  readonly verify: VerifyToken | null;
  readonly guard: AddressGuard;
  readonly limitRequests: LimitRequests;
}

/** The caller where the service has no keys and listens on loopback only. */
const LOCAL: Caller = { keyId: 'local', scopes: SCOPES };

/** Asks one verifier after the other; the first that knows the token decides. Null where there is none to ask. */
export function anyOf(...verifiers: readonly (VerifyToken | null)[]): VerifyToken | null {
  const asked = verifiers.filter((verify) => verify !== null);
  if (asked.length === 0) return null;
  return async (bearerToken) => {
    for (const verify of asked) {
      const verdict = await verify(bearerToken);
      if (verdict !== null) return verdict;
    }
    return null;
  };
}

/** Lets through those who may call a route and notes who they are. */
export function authorize(access: RouteAccess, control: AccessControl): RequestHandler {
  const { verify, guard, limitRequests } = control;
  return async (request, response, next) => {
    if (access !== 'open') {
      const { headers, ip = '' } = request;
      const caller =
        verify === null ? LOCAL : await authenticate(headers.authorization, ip, verify, guard, response);
      contextOf(response).caller = caller;
      limitRequests(caller, response);
      if (access !== 'any_key') requireScope(caller, access);
    }
    next();
  };
}

/** @throws HttpError `forbidden` */
export function requireScope(caller: Caller, scope: Scope, what = 'This route'): void {
  if (caller.scopes.includes(scope)) return;
  const has = caller.scopes.length === 0 ? 'none' : caller.scopes.join(', ');
  throw new HttpError('forbidden', `${what} needs the scope "${scope}"; key "${caller.keyId}" has ${has}.`, {
    headers: {
      'www-authenticate': `Bearer realm="sensigate", error="insufficient_scope", scope="${scope}"`,
    },
  });
}

async function authenticate(
  header: string | undefined,
  address: string,
  verify: VerifyToken,
  guard: AddressGuard,
  response: Response,
): Promise<Caller> {
  // Where from is logged of refusals alone.
  contextOf(response).refusedAddress = address;
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (token === undefined) {
    throw new HttpError('unauthorized', 'Send the header "Authorization: Bearer <API key or JWT>".', {
      headers: { 'www-authenticate': 'Bearer realm="sensigate"' },
    });
  }
  guard.admit(address, token);
  const verdict = await verify(token);
  if (verdict !== null && 'keyId' in verdict) {
    contextOf(response).refusedAddress = null;
    return verdict;
  }
  const { refused, why } = verdict ?? {
    refused: 'unauthorized',
    why: 'The bearer token is not a key of this service; ask its operator for one.',
  };
  if (refused === 'unauthorized') guard.countFailure(address, token);
  throw new HttpError(refused, why, {
    headers: { 'www-authenticate': 'Bearer realm="sensigate", error="invalid_token"' },
  });
}
