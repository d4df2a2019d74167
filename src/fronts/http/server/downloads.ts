import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from '../http-error.ts';
import { contextOf } from './request-context.ts';

/** An answer up to this size is not counted: a connection costs as much by itself. */
const FREE_BYTES = 16_384;
/** Handed over at a time. A reader that takes less than one within `stallMs` is cut off. */
const PIECE_BYTES = 65_536;
/** What a stream may hold: a page of rows that were read, and what is written ahead. */
const STREAM_BYTES = 1_048_576;
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
  readonly take: (response: Response, bytes: number) => void;
  readonly held: () => { readonly held: number; readonly most: number };
  readonly stallMs: number;
}

interface Taken {
  bytes: number;
  readonly caller: string;
}

/**
 * Bounds the bytes of all answers that wait for their readers.
 *
 * They are taken before whatever is to be sent is loaded, so that a thousand readers that read nothing cost
 * no more than the budget; and by caller, so that one who reads nothing leaves room for the others. Callers
 * without a key are told apart by their addresses.
 */
export function createDownloads({ mostBytes, mostOfCaller, stallMs }: DownloadLimits): Downloads {
  const byCaller = new Map<string, number>();
  const taken = new WeakMap<Response, Taken>();
  const onSocket = new WeakMap<object, Set<() => void>>();
  let held = 0;

  const change = (one: Taken, bytes: number): void => {
    const of = (byCaller.get(one.caller) ?? 0) + bytes - one.bytes;
    held += bytes - one.bytes;
    one.bytes = bytes;
    if (of === 0) byCaller.delete(one.caller);
    else byCaller.set(one.caller, of);
  };

  /** Also where the response waits behind another of its connection, and is never told of the end. */
  const giveBackAtEnd = ({ socket }: Request, response: Response, one: Taken): void => {
    let releases = onSocket.get(socket);
    if (releases === undefined) {
      const all = (releases = new Set<() => void>());
      onSocket.set(socket, all);
      socket.once('close', () => {
        for (const release of all) release();
      });
    }
    const here = releases;
    const release = (): void => {
      here.delete(release);
      change(one, 0);
    };
    here.add(release);
    response.once('close', release);
  };

  const take: Downloads['take'] = (response, bytes) => {
    const { req: request } = response;
    // Nobody is there to be sent anything.
    if (response.closed || request.socket.destroyed) return;
    let one = taken.get(response);
    if (one === undefined) {
      const caller = contextOf(response).caller?.keyId;
      one = { bytes: 0, caller: caller === undefined ? `address ${request.ip}` : `caller ${caller}` };
      taken.set(response, one);
      giveBackAtEnd(request, response, one);
    }
    const more = bytes - one.bytes;
    // One that is larger than the budget, as images of earlier settings may be, is sent alone.
    const isAlone = held === one.bytes;
    const ofCaller = (byCaller.get(one.caller) ?? 0) + more;
    const fits = isAlone || (held + more <= mostBytes && ofCaller <= mostOfCaller);
    if (more > 0 && !fits) {
      change(one, 0);
      throw downloadsBusy(mostOfCaller, mostBytes);
    }
    change(one, bytes);
  };
  return { take, held: () => ({ held, most: mostBytes }), stallMs };
}

/** Gives every response the budget; nothing large is sent without. */
export function withDownloads(downloads: Downloads): RequestHandler {
  return (_request, response, next) => {
    response.locals.downloads = downloads;
    next();
  };
}

function downloadsOf(response: Response): Downloads {
  return response.locals.downloads as Downloads;
}

/**
 * Takes the bytes of what is about to be loaded.
 *
 * @throws HttpError `downloads_busy`
 */
export function reserve(response: Response, bytes: number): void {
  downloadsOf(response).take(response, bytes);
}

/**
 * Sends `bytes`, the one way for whatever may be large. Resolves when they are handed over, or the reader is
 * gone or was cut off.
 *
 * @throws HttpError `downloads_busy` before anything is sent
 */
export async function sendBytes(response: Response, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength <= FREE_BYTES) {
    response.end(bytes);
    return;
  }
  reserve(response, bytes.byteLength);
  await writeAll(response, pieces(bytes));
}

/** Takes what a stream needs, before it is begun. */
export function reserveStream(response: Response): void {
  reserve(response, STREAM_BYTES);
}

/** Sends a stream no faster than its reader takes it; whoever takes nothing is cut off. */
export async function writeAll(
  response: Response,
  source: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const { stallMs } = downloadsOf(response);
  const gone = (): boolean => response.closed || response.destroyed || response.req.socket.destroyed;
  for await (const piece of source) {
    if (gone()) return;
    if (!response.write(piece)) await progress(response, 'drain', stallMs);
  }
  if (gone()) return;
  response.end();
  if (!response.writableFinished) await progress(response, 'finish', stallMs);
}

/** Resolves at that event, or at the end of the connection, which comes when nothing is read for so long. */
function progress(response: Response, event: 'drain' | 'finish', stallMs: number): Promise<void> {
  const { socket } = response.req;
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      response.off(event, over);
      response.off('close', over);
      socket.off('close', over);
      resolve();
    };
    const timer = setTimeout(() => {
      socket.destroy();
    }, stallMs);
    response.once(event, over);
    response.once('close', over);
    socket.once('close', over);
  });
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

function downloadsBusy(ofCaller: number, ofAll: number): HttpError {
  return new HttpError(
    'downloads_busy',
    `The service holds at most ${ofCaller} bytes of answers to one caller and ${ofAll} of all, and this one ` +
      'does not fit beside those that are not read yet. Read them, and come again in a second.',
    { headers: { 'retry-after': '1' } },
  );
}
