import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as Listener } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerClientError } from './client-error.ts';
import { createDoor, type Door, type DoorOptions } from './door.ts';
import { type Address, closed, listenAt } from './listeners.ts';
import type { OpenRequest, OpenRequests } from './open-requests.ts';

export interface ServerOptions extends DoorOptions {
  /** From the first byte of a request to its last; whoever takes longer is cut off with 408. */
  readonly requestTimeoutMs: number;
  /** How long a connection may idle after an answer. */
  readonly keepAliveMs: number;
  /** Longest that a request may be worked on without a byte being sent. */
  readonly maxWorkMs: number;
}

/** For the head of a request, and for a connection on which none comes. A head has one packet or two. */
const HEADERS_TIMEOUT_MS = 10_000;

export interface HttpServer {
  readonly server: Server;
  readonly open: OpenRequests;
  readonly door: Door;
  /** @throws what Node's `listen` emits */
  listen(address: Address): Promise<void>;
  /** Takes no new connection; resolves when those that are open have ended. */
  close(): Promise<unknown>;
}

/**
 * An HTTP server on which a slow or broken client costs a bounded time of one connection, and no other client
 * anything. Node checks the times itself, for all connections together.
 */
export function createHttpServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  { requestTimeoutMs, keepAliveMs, maxWorkMs, ...bounds }: ServerOptions,
): HttpServer {
  const headersTimeout = Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs);
  const server = createServer({
    headersTimeout,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, headersTimeout / 2),
  });
  // Of silence in both directions: a caller that does not read its answer, as one that has lost its network.
  server.setTimeout(maxWorkMs + requestTimeoutMs);

  const door = createDoor(bounds);
  const open = new Map<Duplex, Set<OpenRequest>>();
  server.on('connection', (socket) => {
    if (!door.enter(socket)) return;
    open.set(socket, new Set());
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (request, response) => {
    door.bringsRequest(request.socket);
    const here = open.get(request.socket);
    const one = { request, response };
    here?.add(one);
    // Whoever is refused early still sends: until its request has ended, what follows belongs to that.
    const forget = (): void => {
      if (request.closed && response.closed) here?.delete(one);
    };
    request.once('close', forget);
    response.once('close', forget);
    handle(request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    answerClientError(error, socket, [...(open.get(socket) ?? [])]);
  });
  let others: readonly Listener[] = [];
  return {
    server,
    open,
    door,
    listen: async (address) => {
      others = await listenAt(server, address);
    },
    close: () => Promise.all([server, ...others].map(closed)),
  };
}
