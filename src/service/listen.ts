import type { RequestListener, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Response } from 'express';
import { contextOf } from '../fronts/http/server/request-context.ts';
import { trustedProxy } from '../fronts/http/server/client-address.ts';
import { createHttpServer, type HttpServer } from '../fronts/http/server/server.ts';
import type { Log } from '../telemetry/log.ts';
import type { Traces } from '../telemetry/traces.ts';
import { type Assembled, MAX_DEADLINE_MS } from './assemble.ts';
import { listenError } from './listen-error.ts';
import type { Settings } from './settings.ts';
import { throttle } from './throttle.ts';

/**
 * Connections that may wait to be accepted; the kernel has its own limit, net.core.somaxconn. With node's 511
 * a burst loses the first packet of some, and their callers wait one, three or seven seconds to send it again
 * instead of being told at once to come again.
 */
const LISTEN_BACKLOG = 4096;
const TURNED_AWAY_EVERY_MS = 10_000;
const REFUSED =
  'connections were turned away: MAX_CONNECTIONS are open, or MAX_CONNECTIONS_PER_ADDRESS of one address. ' +
  'A proxy in front is named in TRUSTED_PROXIES';

export interface Listening {
  readonly http: HttpServer;
  /** The one that was chosen, where PORT is 0. */
  readonly port: number;
}

/**
 * Takes connections at HOST and PORT for the assembled service.
 *
 * @throws ListenError
 */
export async function listen(
  { app, traces, metrics }: Pick<Assembled, 'app' | 'traces' | 'metrics'>,
  settings: Settings,
  log: Log,
): Promise<Listening> {
  const { HOST: host, PORT: wanted, MAX_CONNECTIONS: maxConnections } = settings;
  const { MAX_CONNECTIONS_PER_ADDRESS: maxPerAddress } = settings;
  const tellRefused = throttle(TURNED_AWAY_EVERY_MS, (count) => {
    log.warn({ count, maxConnections, maxPerAddress }, REFUSED);
  });
  const http = createHttpServer(traces === null ? app : traced(app, traces), {
    requestTimeoutMs: settings.REQUEST_TIMEOUT_MS,
    maxConnections,
    maxPerAddress,
    isTrustedProxy: trustedProxy(settings.TRUSTED_PROXIES),
    keepAliveMs: settings.KEEP_ALIVE_MS,
    maxWorkMs: MAX_DEADLINE_MS,
    onRefused: (why) => {
      metrics.countRefusedConnection(why);
      tellRefused();
    },
  });
  metrics.watchConnections(() => ({ open: http.door.taken, most: maxConnections }));
  try {
    await http.listen({ host, port: wanted, backlog: LISTEN_BACKLOG });
  } catch (error) {
    throw listenError(error, host, wanted) ?? error;
  }
  const address = http.server.address();
  return { http, port: typeof address === 'object' && address ? address.port : wanted };
}

/** Where the service answers; an IPv6 address stands in brackets. */
export function urlOf(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function traced(app: RequestListener, traces: Traces): RequestListener {
  return (request, response) => {
    traces.request(
      request,
      response,
      () => routeOf(response),
      () => {
        app(request, response);
      },
    );
  };
}

function routeOf(response: ServerResponse): string {
  return contextOf(response as Response).route?.path ?? 'unmatched';
}
