import type { RequestHandler } from 'express';
import type { Log } from '../../../telemetry/log.ts';
import type { Metrics } from '../../../telemetry/metrics.ts';
import { contextOf } from './request-context.ts';

/** What web servers commonly write where the caller hung up before the answer; no answer has this status. */
const CLIENT_CLOSED_REQUEST = 499;
const TOO_MANY_REQUESTS = 429;

/**
 * Logs and measures every request when it is over, answered or not.
 *
 * What is logged is this list alone: no header, key, query or body, and an address only of who was refused
 * for want of a credential. Probes and pages, which need no key, are logged at `debug`, because they come
 * every few seconds.
 */
export function requestLog(log: Log, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const began = performance.now();
    response.once('close', () => {
      const { id, route, caller, refusedAddress } = contextOf(response);
      const ms = performance.now() - began;
      const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST;
      const { method } = request;
      const pattern = route?.path ?? 'unmatched';
      metrics.observeHttp({ method, route: pattern, status, seconds: ms / 1000 });
      if (caller !== null) metrics.countCall(caller.keyId, status === TOO_MANY_REQUESTS);
      const level = route?.access === 'open' && status < 400 ? 'debug' : 'info';
      log[level](
        {
          id,
          method,
          route: pattern,
          status,
          ms: Math.round(ms * 100) / 100,
          key: caller?.keyId ?? null,
          ...(refusedAddress === null ? {} : { address: refusedAddress }),
        },
        'request',
      );
    });
    next();
  };
}
