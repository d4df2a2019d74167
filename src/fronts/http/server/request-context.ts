import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Caller, Scope } from '../../../access/caller.ts';

/** Who may call a route: a caller with that scope, any caller who is known, or anyone. */
export type RouteAccess = Scope | 'any_key' | 'open';

/** The route that a request takes, as far as logs and metrics name it. */
export interface TakenRoute {
  /** The pattern, as OpenAPI writes it: `/v1/reviews/{id}`. */
  readonly path: string;
  readonly access: RouteAccess;
}

/** What is known of a request on its way. */
export interface RequestContext {
  /** Also the answer's X-Request-Id; the caller's own where it sent a sensible one. */
  readonly id: string;
  /** Null until a route matches. */
  route: TakenRoute | null;
  /** Null until the caller is known. */
  caller: Caller | null;
  /**
   * Run once the route's handler is through with the request, answered, refused, or given up by its caller.
   */
  readonly afterwards: (() => void)[];
  /** Work on the request's body that goes on after it was answered. */
  readonly heldBy: Promise<unknown>[];
  /** Where a credential came from that is not accepted; null for all others. */
  refusedAddress: string | null;
}

/** Gives every request its context; nothing that runs later may do without. */
export function withContext(): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const id = typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    response.locals.context = {
      id,
      route: null,
      caller: null,
      refusedAddress: null,
      afterwards: [],
      heldBy: [],
    } satisfies RequestContext;
    response.setHeader('x-request-id', id);
    next();
  };
}

export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}

/** Who calls. Every route that is not open knows it, because `authorize` runs first. */
export function callerOf(response: Response): Caller {
  const { caller } = contextOf(response);
  if (caller === null) throw new Error('expected an authorised caller: the route is open and has none');
  return caller;
}
