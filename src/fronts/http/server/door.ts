/**
 * Which connections are let in.
 *
 * A connection is let in or closed as soon as it is accepted, before a byte of it is read: that costs some
 * twenty microseconds, about a fiftieth of a request. Its place is free again when it is closed *and* the
 * work on its requests has ended: whoever sends images and hangs up would otherwise have as much work under
 * way as it likes.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import {
  type ConnectionBound,
  type ConnectionPlace,
  createConnectionShares,
} from '../../../access/connection-shares.ts';

/**
 * A connection that has brought no request for so long makes room where all places are taken. A caller sends
 * its request right after it has connected.
 */
const SILENT_MS = 1000;

/** Why a connection was closed by the service's own choice: beyond a bound, or to make room for another. */
export type ConnectionRefusal = ConnectionBound | 'silent';

export interface DoorOptions {
  readonly maxConnections: number;
  /** From one address. */
  readonly maxPerAddress: number;
  /** Whether an address is a proxy's, whose share is all of `maxConnections`. */
  readonly isTrustedProxy: (address: string) => boolean;
  readonly onRefused: (why: ConnectionRefusal, address: string) => void;
}

export interface Door {
  /** Lets a connection in, or closes it; whether it is in. */
  enter(socket: Socket): boolean;
  /** A connection has brought the head of a request. */
  bringsRequest(socket: Socket): void;
  /** Places that are taken. */
  readonly taken: number;
}

interface Entered {
  readonly place: ConnectionPlace;
  isClosed: boolean;
  /** Requests whose work has not ended. */
  works: number;
}

const places = new WeakMap<object, Entered>();

export function createDoor(options: DoorOptions): Door {
  const { maxConnections: most, maxPerAddress: mostOfAddress, isTrustedProxy, onRefused } = options;
  const shares = createConnectionShares({ most, mostOfAddress, speaksForMany: isTrustedProxy });
  /** Connections that have brought no request yet, longest first, and since when. */
  const silent = new Map<Socket, number>();

  const refuse = (socket: Socket, why: ConnectionRefusal, address: string): void => {
    // Nothing was read of it, and no word is owed: a reset leaves nothing behind in the kernel.
    socket.resetAndDestroy();
    onRefused(why, address);
  };

  /** Closes the connection that is silent for longest, if any is for long enough. */
  const makeRoom = (): boolean => {
    const [longest] = silent;
    if (longest === undefined) return false;
    const [socket, since] = longest;
    if (performance.now() - since < SILENT_MS) return false;
    silent.delete(socket);
    places.get(socket)?.place.leave();
    refuse(socket, 'silent', socket.remoteAddress ?? '');
    return true;
  };

  return {
    get taken() {
      return shares.taken;
    },
    enter: (socket) => {
      const { remoteAddress: address } = socket;
      if (address === undefined) {
        // It is closed already.
        socket.destroy();
        return false;
      }
      let place = shares.enter(address);
      if (place === 'all' && makeRoom()) place = shares.enter(address);
      if (typeof place === 'string') {
        refuse(socket, place, address);
        return false;
      }
      const entered: Entered = { place, isClosed: false, works: 0 };
      places.set(socket, entered);
      silent.set(socket, performance.now());
      socket.once('close', () => {
        silent.delete(socket);
        entered.isClosed = true;
        leaveAtEnd(entered);
      });
      return true;
    },
    bringsRequest: (socket) => {
      silent.delete(socket);
    },
  };
}

function leaveAtEnd({ place, isClosed, works }: Entered): void {
  if (isClosed && works === 0) place.leave();
}

/**
 * Keeps the place of a request's connection, also where that is closed, until the function that it gives is
 * called.
 */
export function holdPlace({ socket }: IncomingMessage): () => void {
  const entered = places.get(socket);
  if (entered === undefined) return () => undefined;
  entered.works++;
  return () => {
    entered.works--;
    leaveAtEnd(entered);
  };
}
