import type { RequestHandler } from 'express';
import { HttpError } from './http-error.ts';
import { contextOf } from './request-context.ts';

export const SCOPES = ['predict', 'review', 'export', 'admin'] as const;

/** What a key may do. No scope contains another: a lead's key names both `review` and `admin`. */
export type Scope = (typeof SCOPES)[number];

/** Who may call a route: a key with that scope, any valid key, or anyone. */
export type RouteAccess = Scope | 'any_key' | 'open';

export interface Caller {
  /** Names the key in logs and, as the reviewer, on labels; never the key itself. */
  readonly keyId: string;
  readonly scopes: readonly Scope[];
}

/** Whose bearer token it is; null where it is nobody's. */
export type VerifyToken = (bearerToken: string) => Caller | null | Promise<Caller | null>;

/** The caller where the service has no keys and listens on loopback only. */
const LOCAL: Caller = { keyId: 'local', scopes: SCOPES };

/**
 * Lets through those who may call a route and notes who they are.
 *
 * @param verify null where the service has no keys: everyone may do everything.
 */
export function authorize(access: RouteAccess, verify: VerifyToken | null): RequestHandler {
  return async (request, response, next) => {
    if (access !== 'open') {
      const caller = verify === null ? LOCAL : await authenticate(request.headers.authorization, verify);
      contextOf(response).caller = caller;
      if (access !== 'any_key') requireScope(caller, access);
    }
    next();
  };
}

/** @throws HttpError `forbidden` */
export function requireScope(caller: Caller, scope: Scope, what = 'This route'): void {
  if (caller.scopes.includes(scope)) return;
  throw new HttpError(
    'forbidden',
    `${what} needs the scope "${scope}"; key "${caller.keyId}" has ${caller.scopes.join(', ')}.`,
    {
      headers: {
        'www-authenticate': `Bearer realm="sensigate", error="insufficient_scope", scope="${scope}"`,
      },
    },
  );
}

async function authenticate(header: string | undefined, verify: VerifyToken): Promise<Caller> {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (token === undefined) {
    throw new HttpError('unauthorized', 'Send the header "Authorization: Bearer <API key>".', {
      headers: { 'www-authenticate': 'Bearer realm="sensigate"' },
    });
  }
  const caller = await verify(token);
  if (caller === null) {
    throw new HttpError(
      'unauthorized',
      'The bearer token is not a key of this service; ask its operator for one.',
      {
        headers: { 'www-authenticate': 'Bearer realm="sensigate", error="invalid_token"' },
      },
    );
  }
  return caller;
}
