/**
 * Several sockets that take connections at one port for one server.
 *
 * Node accepts one connection a turn of its event loop from each listening socket (libuv since 1.45,
 * https://github.com/libuv/libuv/pull/3696). A turn of a busy service is long, so that with one socket a
 * flood of connections waits for seconds in the kernel, and everybody else's with it, before any bound of
 * ours is asked. With several, as many are taken in or refused each turn. The kernel shares connections among
 * sockets that have SO_REUSEPORT; where it cannot, there is one socket.
 */
import { createServer, type ListenOptions, type Server } from 'node:net';

/** Refusing as many takes a third of a millisecond of a turn. */
const SOCKETS = 16;

export interface Address {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  /** Connections that may wait to be accepted, at all sockets together. */
  readonly backlog?: number;
}

/**
 * Has `server` take connections at `address`.
 *
 * @returns The sockets beside its own, which are to be closed with it.
 * @throws what `listen` of Node emits
 */
export async function listenAt(server: Server, address: Address): Promise<readonly Server[]> {
  // Sockets that share a port share it with those of another process of this user, too.
  if (address.port !== 0) await requireFree(address);
  const { backlog = 511 } = address;
  const shared: ListenOptions = { ...address, backlog: Math.ceil(backlog / SOCKETS), reusePort: true };
  try {
    await listening(server, shared);
  } catch {
    await listening(server, { ...address, backlog });
    return [];
  }
  const given = server.address();
  const port = typeof given === 'object' && given !== null ? given.port : address.port;
  const others: Server[] = [];
  while (others.length < SOCKETS - 1) {
    const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      server.emit('connection', socket);
    });
    await listening(other, { ...shared, port });
    others.push(other);
  }
  return others;
}

async function requireFree(address: Address): Promise<void> {
  const trial = createServer();
  await listening(trial, { ...address });
  await closed(trial);
}

function listening(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Takes no new connection; resolves when those that are open have ended. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
