import type { Socket } from 'node:net';
import type { RequestHandler, Response } from 'express';
import { HttpError } from '../http-error.ts';
import { clientAddressOf } from './client-address.ts';
import { contextOf } from './request-context.ts';
import { watchReader } from './stalled-readers.ts';

/** Of all answers that wait on one connection, so much is free: a connection costs as much by itself. */
export const FREE_BYTES = 16_384;
/**
 * Each answer counts for so much more: its head, and the objects of a request and its answer, which are there
 * as long as it waits.
 */
export const HEAD_BYTES = 8192;
/** What a stream may hold: a page of rows that were read, and what is written ahead. */
const STREAM_BYTES = 1_048_576;
/** For those who watch the service, apart from all others: they are to see it also when it is busy. */
const WATCHERS_BYTES = 4_194_304;
/** Longest that a reader may take nothing. */
export const STALL_MS = 10_000;

export interface DownloadLimits {
  /** Of all answers that are under way. */
  readonly mostBytes: number;
  /** Of those of one caller. */
  readonly mostOfCaller: number;
  readonly stallMs: number;
}

/** What answers take now, and may take together. */
export interface Downloads {
  /**
   * Has `response` take that many bytes and no others until it is sent, or its connection is closed.
   *
   * @throws HttpError `downloads_busy`; the response takes nothing then.
   */
  readonly reserve: (response: Response, bytes: number) => void;
  /** The same, from what is kept for those who watch the service. */
  readonly reserveForWatcher: (response: Response, bytes: number) => void;
  /**
   * Has `response` take what it turned out to need. That of an act that has reserved before is not refused:
   * what it tells of is done.
   *
   * @throws HttpError `downloads_busy`
   */
  readonly settle: (response: Response, bytes: number) => void;
  readonly takenBy: (response: Response) => number;
  /** Calls back when the connection of `response` closes. @returns Leaves that be. */
  readonly whenGone: (response: Response, gone: () => void) => () => void;
  readonly held: () => { readonly held: number; readonly most: number };
}

/** So many bytes, of which some are held. */
interface Purse {
  readonly name: string;
  held: number;
  readonly most: number;
}

interface Connection {
  /** Not yet taken of what is free. */
  free: number;
  charged: number;
  /** Run when it closes: also for answers that wait behind another, and are never told of the end. */
  readonly atEnd: Set<() => void>;
  endWatch: () => void;
}

interface Taken {
  readonly connection: Connection;
  readonly socket: Socket;
  /** From which it pays what is charged. */
  purses: readonly Purse[];
  isWatcher: boolean;
  free: number;
  charged: number;
  /** Whether it has reserved what it needs before it did what it tells of. */
  isReserved: boolean;
}

/**
 * Bounds the bytes of all answers that wait for their readers.
 *
 * They are taken before whatever is to be sent is loaded, so that a thousand readers that read nothing cost
 * no more than the budget; and by caller, so that one who reads nothing leaves room for the others. Callers
 * without a key are told apart by their addresses, and have half of the budget together: whoever has many
 * addresses leaves the rest to those who have keys. What a connection holds beyond its free bytes is charged,
 * also where it is many small answers to requests that were sent without waiting.
 */
export function createDownloads({ mostBytes, mostOfCaller, stallMs }: DownloadLimits): Downloads {
  const all: Purse = { name: 'all', held: 0, most: mostBytes };
  const strangers: Purse = { name: 'strangers', held: 0, most: Math.max(mostBytes / 2, mostOfCaller) };
  const watchers: Purse = { name: 'watchers', held: 0, most: WATCHERS_BYTES };
  const callers = new Map<string, Purse>();
  const connections = new WeakMap<Socket, Connection>();
  const taken = new WeakMap<Response, Taken>();

  const purseOf = (name: string): Purse => {
    const purse = callers.get(name) ?? { name, held: 0, most: mostOfCaller };
    callers.set(name, purse);
    return purse;
  };
  const pursesOf = (response: Response): readonly Purse[] => {
    const caller = contextOf(response).caller?.keyId;
    if (caller !== undefined) return [all, purseOf(`caller ${caller}`)];
    return [all, strangers, purseOf(`address ${clientAddressOf(response.req)}`)];
  };

  const connectionOf = (socket: Socket): Connection => {
    const known = connections.get(socket);
    if (known !== undefined) return known;
    const connection: Connection = {
      ...{ free: FREE_BYTES, charged: 0, atEnd: new Set<() => void>() },
      endWatch: () => undefined,
    };
    connections.set(socket, connection);
    socket.once('close', () => {
      for (const end of connection.atEnd) end();
    });
    return connection;
  };

  /** Charges so much, and not what was charged before. */
  const charge = (one: Taken, bytes: number): void => {
    const { connection, socket } = one;
    for (const purse of one.purses) {
      purse.held += bytes - one.charged;
      if (purse.held === 0) callers.delete(purse.name);
    }
    const before = connection.charged;
    connection.charged += bytes - one.charged;
    one.charged = bytes;
    if (before === 0 && connection.charged > 0) connection.endWatch = watchReader(socket, stallMs);
    if (before > 0 && connection.charged === 0) connection.endWatch();
  };

  const giveBack = (one: Taken): void => {
    one.connection.free += one.free;
    one.free = 0;
    charge(one, 0);
    one.purses = [];
    one.isReserved = false;
  };

  const entryOf = (response: Response): Taken => {
    const known = taken.get(response);
    if (known !== undefined) return known;
    const { socket } = response.req;
    const connection = connectionOf(socket);
    const nothing = { purses: [], isWatcher: false, free: 0, charged: 0, isReserved: false };
    const one: Taken = { connection, socket, ...nothing };
    taken.set(response, one);
    const release = (): void => {
      connection.atEnd.delete(release);
      giveBack(one);
    };
    connection.atEnd.add(release);
    response.once('close', release);
    return one;
  };

  const take = (one: Taken, response: Response, bytes: number, mayRefuse: boolean): void => {
    giveBack(one);
    const total = bytes + HEAD_BYTES;
    const free = Math.min(one.connection.free, total);
    const charged = total - free;
    if (charged > 0) {
      const purses = one.isWatcher ? [watchers] : pursesOf(response);
      // One that is larger than the budget, as images of earlier settings may be, is sent alone.
      const isAlone = purses[0]!.held === 0;
      const fits = isAlone || purses.every(({ held, most }) => held + charged <= most);
      if (!fits && mayRefuse) throw downloadsBusy(mostOfCaller, mostBytes);
      one.purses = purses;
    }
    one.connection.free -= free;
    one.free = free;
    charge(one, charged);
    one.isReserved = true;
  };
  return {
    reserve: (response, bytes) => {
      if (isGone(response)) return;
      take(entryOf(response), response, bytes, true);
    },
    reserveForWatcher: (response, bytes) => {
      if (isGone(response)) return;
      const one = entryOf(response);
      one.isWatcher = true;
      take(one, response, bytes, true);
    },
    settle: (response, bytes) => {
      if (isGone(response)) return;
      const one = entryOf(response);
      take(one, response, bytes, !one.isReserved || isReading(response));
    },
    takenBy: (response) => {
      const one = taken.get(response);
      return one === undefined ? 0 : one.free + one.charged;
    },
    whenGone: (response, gone) => {
      const { atEnd } = connectionOf(response.req.socket);
      atEnd.add(gone);
      return () => atEnd.delete(gone);
    },
    held: () => ({ held: all.held, most: mostBytes }),
  };
}

/**
 * Gives every response the budget, and lets none write more than it has taken.
 *
 * Node's own `write` and `end` are what every way to send a body comes down to, those of Express and of
 * whatever is written later. So what is large and was not taken does not leave: the request fails as by any
 * other mistake of the service.
 */
export function withDownloads(downloads: Downloads): RequestHandler {
  return (_request, response, next) => {
    response.locals.downloads = downloads;
    const requireTaken = (chunk: unknown): void => {
      if (response.closed || response.destroyed) return;
      const waiting = response.writableLength + sizeOf(chunk);
      if (waiting <= downloads.takenBy(response) + FREE_BYTES) return;
      throw new Error(
        `expected the ${waiting} bytes of this answer to be reserved before they are sent; ` +
          `${downloads.takenBy(response)} are. Send them by server/sending.ts.`,
      );
    };
    const write = response.write.bind(response);
    const end = response.end.bind(response);
    response.write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
      requireTaken(chunk);
      return write(chunk, encoding as BufferEncoding, done as () => void);
    };
    response.end = (chunk?: unknown, encoding?: unknown, done?: unknown): Response => {
      requireTaken(chunk);
      return end(chunk, encoding as BufferEncoding, done as () => void);
    };
    next();
  };
}

function isReading({ req: { method } }: Response): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Nobody is there to be sent anything. */
function isGone(response: Response): boolean {
  return response.closed || response.req.socket.destroyed;
}

function sizeOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}

export function downloadsOf(response: Response): Downloads {
  return response.locals.downloads as Downloads;
}

/**
 * Takes the bytes of what is about to be loaded or done.
 *
 * @throws HttpError `downloads_busy`
 */
export function reserve(response: Response, bytes: number): void {
  downloadsOf(response).reserve(response, bytes);
}

/**
 * The same for the one answer that those who watch the service need while it is busy; they have a purse of
 * their own.
 *
 * @throws HttpError `downloads_busy`
 */
export function reserveForWatcher(response: Response, bytes: number): void {
  downloadsOf(response).reserveForWatcher(response, bytes);
}

/** Takes what a stream needs, before it is begun. */
export function reserveStream(response: Response): void {
  reserve(response, STREAM_BYTES);
}

function downloadsBusy(ofCaller: number, ofAll: number): HttpError {
  return new HttpError(
    'downloads_busy',
    `The service holds at most ${ofCaller} bytes of answers to one caller and ${ofAll} of all, and this one ` +
      'does not fit beside those that are not read yet. Read them, and come again in a second.',
    { headers: { 'retry-after': '1' } },
  );
}
