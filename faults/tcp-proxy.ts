import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * `pass`, `slow` (each piece of data comes later), `cut` (connections end and none is accepted), `silent`
 * (connections stay and are accepted, but nothing comes through: half-open).
 */
export type ProxyMode = 'pass' | 'slow' | 'cut' | 'silent';

export interface TcpProxy {
  readonly port: number;
  set(mode: ProxyMode, delayMs?: number): void;
  /** Moves the name: connections made from now on go there, those that stand stay where they are. */
  aim(target: number): void;
  close(): Promise<void>;
}

/** A proxy on loopback to a port, with faults. */
export async function openProxy(first: number): Promise<TcpProxy> {
  let target = first;
  let mode: ProxyMode = 'pass';
  let delayMs = 0;
  const sockets = new Set<Socket>();

  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.on('data', (data) => {
      // What is sent while the way is silent never arrives, as when a router forgets a connection.
      if (mode === 'silent') return;
      if (mode !== 'slow') other.write(data);
      else setTimeout(() => other.write(data), delayMs);
    });
  };
  const server = createServer((near) => {
    if (mode === 'cut') {
      near.on('error', () => undefined);
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    track(near, far);
    track(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set: (next, delay = 0) => {
      // Bytes were dropped, or later ones would overtake those still on their way: such a connection speaks
      // no protocol any more.
      const broken = (mode === 'silent' || mode === 'slow') && next !== mode;
      mode = next;
      delayMs = delay;
      if (next === 'cut' || broken) for (const socket of sockets) socket.destroy();
    },
    aim: (next) => {
      target = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
