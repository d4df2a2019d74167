import type { Request, RequestHandler, Response } from 'express';
import type { AddressGuard } from '../../../access/address-guard.ts';
import { authenticate, type VerifyToken } from '../../../access/authenticate.ts';
import { type Caller, LOCAL_CALLER, requireScope } from '../../../access/caller.ts';
import { requireQuota, type TakeFromQuota } from '../../../access/request-quota.ts';
import { clientAddressOf } from './client-address.ts';
import { contextOf, type RouteAccess } from './request-context.ts';

/** What stands before every route that is not open. */
export interface AccessControl {
  /** Null where the service has neither keys nor JWTs: everyone may do everything. */
  readonly verify: VerifyToken | null;
  readonly guard: AddressGuard;
  /** Null where no caller's requests are limited. */
  readonly takeFromQuota: TakeFromQuota | null;
}

/** Lets through those who may call a route and notes who they are. */
export function authorize(access: RouteAccess, control: AccessControl): RequestHandler {
  const { verify, guard, takeFromQuota } = control;
  return async (request, response, next) => {
    if (access !== 'open') {
      const caller = verify === null ? LOCAL_CALLER : await knownCaller(request, response, verify, guard);
      contextOf(response).caller = caller;
      if (takeFromQuota !== null) limitRequests(caller, takeFromQuota, response);
      // Without keys everyone may do everything.
      if (verify !== null && access !== 'any_key') requireScope(caller, access);
    }
    next();
  };
}

async function knownCaller(
  request: Request,
  response: Response,
  verify: VerifyToken,
  guard: AddressGuard,
): Promise<Caller> {
  const context = contextOf(response);
  // Where from is logged of refusals alone.
  const address = clientAddressOf(request);
  context.refusedAddress = address;
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
  const caller = await authenticate(token, address, verify, guard);
  context.refusedAddress = null;
  return caller;
}

/**
 * Counts a request of `caller` and says on the answer what is left.
 *
 * Headers are those of draft-ietf-httpapi-ratelimit-headers. `t` is when the quota is whole again; beside
 * Retry-After it names the same moment as that does, as the draft wants.
 */
function limitRequests(caller: Caller, takeFromQuota: TakeFromQuota, response: Response): void {
  const state = takeFromQuota(caller);
  if (state === null) return;
  response.setHeader('ratelimit-policy', `"requests";q=${state.quota};w=60`);
  response.setHeader('ratelimit', `"requests";r=${state.remaining};t=${state.seconds}`);
  requireQuota(state, caller);
}
