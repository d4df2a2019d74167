import type { OutgoingHttpHeaders } from 'node:http';
import type { Response } from 'express';
import { downloadsOf } from './downloads.ts';

/** Handed over at a time, so that what a reader takes can be seen. */
const PIECE_BYTES = 65_536;
/** Of bytes that all readers share, so much is held for one of them: a piece, and what is written ahead. */
const SHARED_BYTES = 2 * PIECE_BYTES;

type Pieces = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

export interface SendOptions {
  readonly status?: number;
  readonly headers: OutgoingHttpHeaders;
  /** Whether the bytes stay in memory anyway, whoever asks for them: a reader costs a piece of them then. */
  readonly isShared?: boolean;
}

/**
 * Answers with `bytes`, from the budget of downloads. Resolves when they are handed over, or the reader is
 * gone or was cut off.
 *
 * @throws HttpError `downloads_busy` at once, before anything is sent
 */
export function sendBytes(response: Response, bytes: Uint8Array, options: SendOptions): Promise<void> {
  const { status = 200, headers, isShared = false } = options;
  const size = bytes.byteLength;
  downloadsOf(response).settle(response, isShared ? Math.min(size, SHARED_BYTES) : size);
  response.writeHead(status, { ...headers, 'content-length': size });
  if (size > PIECE_BYTES) return writeAll(response, pieces(bytes));
  response.end(bytes);
  return Promise.resolve();
}

/**
 * Answers with text, as `sendBytes` does; nobody waits for its reader.
 *
 * @throws HttpError `downloads_busy` before anything is sent
 */
export function sendText(response: Response, status: number, contentType: string, text: string): void {
  const headers = { 'content-type': contentType };
  const size = Buffer.byteLength(text);
  if (size > PIECE_BYTES) {
    sendBytes(response, Buffer.from(text), { status, headers }).catch(() => {
      cutOff(response);
    });
    return;
  }
  downloadsOf(response).settle(response, size);
  response.writeHead(status, { ...headers, 'content-length': size });
  response.end(text);
}

/** Answers with a head alone. */
export function sendNothing(response: Response, status = 204, headers: OutgoingHttpHeaders = {}): void {
  downloadsOf(response).settle(response, 0);
  response.writeHead(status, headers);
  response.end();
}

/** Sends a stream that was reserved before, no faster than its reader takes it. */
export function sendStream(response: Response, headers: OutgoingHttpHeaders, source: Pieces): Promise<void> {
  response.writeHead(200, headers);
  return writeAll(response, source);
}

/**
 * Ends the connection of an answer that cannot be given whole. Destroying the response does not: where it
 * waits behind another, its connection would stay open, with nothing ever sent, and hold what waits behind.
 */
export function cutOff(response: Response): void {
  response.req.socket.destroy();
}

async function writeAll(response: Response, source: Pieces): Promise<void> {
  const gone = (): boolean => response.closed || response.destroyed || response.req.socket.destroyed;
  for await (const piece of source) {
    if (gone()) return;
    if (!response.write(piece)) await event(response, 'drain');
  }
  if (gone()) return;
  response.end();
  if (!response.writableFinished) await event(response, 'finish');
}

/** Resolves at that event, or at the end of the connection, which comes when nothing is read for long. */
function event(response: Response, name: 'drain' | 'finish'): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      forget();
      response.off(name, over);
      response.off('close', over);
      resolve();
    };
    // One that waits behind another answer of its connection is told of no end.
    const forget = downloadsOf(response).whenGone(response, over);
    response.once(name, over);
    response.once('close', over);
  });
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
