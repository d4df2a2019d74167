import type { Express, RequestHandler } from 'express';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { type AccessControl, authorize } from './server/authorize.ts';
import { HttpError } from './http-error.ts';
import { reserve } from './server/downloads.ts';
import type { ProblemCode } from '../../wire/problems.ts';
import { holdPlace } from './server/door.ts';
import { contextOf, type TakenRoute } from './server/request-context.ts';

/**
 * One route: how it is served and how it is described, in one value.
 *
 * Express and the OpenAPI document are both made from the list of these, so neither knows a route that the
 * other does not.
 */
export interface Route extends TakenRoute {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Its successful answers; `problems` become the others. */
  readonly operation: ZodOpenApiOperationObject;
  /** Codes of its own, beside those of every route. */
  readonly problems: readonly ProblemCode[];
  readonly handle: RequestHandler;
}

/** Serves `routes`, and 405 for the methods that their paths don't take. */
export function serveRoutes(app: Express, routes: readonly Route[], access: AccessControl): void {
  for (const [path, sharing] of Map.groupBy(routes, ({ path }) => path)) {
    const served = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of sharing) {
      served[route.method](noteRoute(route), authorize(route.access, access), handleWith(route));
    }
    served.all(noteRoute(sharing[0]!), refuseMethod(sharing));
  }
}

function noteRoute(route: Route): RequestHandler {
  return (_request, response, next) => {
    contextOf(response).route = route;
    next();
  };
}

/** What the answer to an act may need, unless its route reserves more: an item with texts of a caller's. */
const ACT_BYTES = 4096;

/**
 * Handles and then frees what the request holds. The response's own `close` would be too early: it comes when
 * a caller hangs up, while the work goes on.
 *
 * An act is refused before it is done where its answer would not fit beside those that its caller does not
 * read: afterwards it would be done, and the caller told to come again.
 */
function handleWith({ method, handle }: Route): RequestHandler {
  return async (request, response, next) => {
    const { afterwards, heldBy } = contextOf(response);
    afterwards.push(holdPlace(request));
    try {
      if (method !== 'get') reserve(response, ACT_BYTES);
      await handle(request, response, next);
    } finally {
      const freeAll = (): void => {
        for (const free of afterwards) free();
      };
      if (heldBy.length === 0) freeAll();
      else void Promise.allSettled(heldBy).then(freeAll);
    }
  };
}

function refuseMethod(sharing: readonly Route[]): RequestHandler {
  const allow = sharing
    .flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .join(', ');
  return (request) => {
    throw new HttpError('method_not_allowed', `Expected ${allow} for this route; got ${request.method}.`, {
      headers: { allow },
    });
  };
}
