import type { Request, Response } from 'express';
import { LOCAL_CALLER } from '../../../access/caller.ts';
import { HttpError } from '../http-error.ts';
import { contextOf } from '../server/request-context.ts';
import type { Limits } from './limits.ts';

/**
 * Admits a request's body, or refuses it before a byte is read.
 *
 * @returns To be told of every chunk's bytes as they arrive; it refuses, too.
 * @throws HttpError `body_too_large`, `uploads_busy`, or `upload_aborted` where the caller has gone already
 */
export type AdmitBody = (
  request: Request,
  response: Response,
  /** Of this body, where that is less than any may have. */
  mostBytes?: number,
) => (bytes: number) => void;

/** What bodies take now, and may take together. */
export interface UploadBudget {
  readonly admit: AdmitBody;
  readonly held: () => { readonly held: number; readonly most: number };
}

/**
 * Bounds the bytes of one body and those of all bodies that are held at a time, as they are sent.
 *
 * A body that announces its length takes all of it at once, so that it is never refused half-way; one without
 * Content-Length takes what arrives. Both give it back when the request is handled, and not when its caller
 * hangs up, because until then the images are kept to be measured and recorded. One caller leaves room for
 * the others, however long its images wait; where there are no keys all are one, and nobody's share is kept.
 */
export function createUploadBudget(limits: Limits): UploadBudget {
  const { maxBodyBytes, maxInflightBytes, maxInflightOfCaller = maxInflightBytes } = limits;
  const heldBy = new Map<string, number>();
  let held = 0;

  const hold = (whose: string | null, bytes: number): void => {
    held += bytes;
    if (whose === null) return;
    const ofCaller = (heldBy.get(whose) ?? 0) + bytes;
    if (ofCaller === 0) heldBy.delete(whose);
    else heldBy.set(whose, ofCaller);
  };

  const admit: AdmitBody = (request, response, mostBytes = maxBodyBytes) => {
    const most = Math.min(mostBytes, maxBodyBytes);
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > most) throw bodyTooLarge(most);
    // Nothing of it would come any more.
    if (response.closed) throw uploadAborted();

    const { caller } = contextOf(response);
    const whose = caller === null || caller === LOCAL_CALLER ? null : caller.keyId;
    let taken = 0;
    const giveBack = (): void => {
      hold(whose, -taken);
      taken = 0;
    };
    const take = (bytes: number): void => {
      const isShareTaken = whose !== null && (heldBy.get(whose) ?? 0) + bytes > maxInflightOfCaller;
      if (isShareTaken || held + bytes > maxInflightBytes) {
        // Whoever reads the body drops what it has.
        giveBack();
        throw isShareTaken ? shareTaken(maxInflightOfCaller) : uploadsBusy(maxInflightBytes);
      }
      hold(whose, bytes);
      taken += bytes;
    };
    take(announced);
    contextOf(response).afterwards.push(giveBack);

    let received = 0;
    return (bytes) => {
      received += bytes;
      if (received > most) throw bodyTooLarge(most);
      if (received > taken) take(received - taken);
    };
  };
  return { admit, held: () => ({ held, most: maxInflightBytes }) };
}

function bodyTooLarge(maxBodyBytes: number): HttpError {
  return new HttpError(
    'body_too_large',
    `Expected a request body of at most ${maxBodyBytes} bytes; got more.`,
    { members: { max_bytes: maxBodyBytes } },
  );
}

function uploadsBusy(maxInflightBytes: number): HttpError {
  return new HttpError(
    'uploads_busy',
    `The service holds at most ${maxInflightBytes} bytes of uploads at a time, and this one does not ` +
      'fit beside the others. Come again in a second.',
    { headers: { 'retry-after': '1' } },
  );
}

function shareTaken(mostBytes: number): HttpError {
  return new HttpError(
    'uploads_busy',
    `The service holds at most ${mostBytes} bytes of one caller's uploads at a time, and this one does not ` +
      'fit beside your others. Come again when some of them are answered.',
    { headers: { 'retry-after': '1' } },
  );
}

/** The caller is gone or sent less than it announced. Seldom read by anyone, never worth an alarm. */
export function uploadAborted(): HttpError {
  return new HttpError(
    'upload_aborted',
    'The request ended before its whole body had arrived. Send it again.',
  );
}

/** The request's media type in lower case, without parameters; empty where it names none. */
export function mediaTypeOf(request: Request): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** @throws HttpError `unsupported_media_type` */
export function refuseMediaType(request: Request, accepted: readonly string[]): never {
  const given = mediaTypeOf(request);
  throw new HttpError(
    'unsupported_media_type',
    `Expected Content-Type ${accepted.join(', ')}; got ${given === '' ? 'none' : `"${given}"`}.`,
    { members: { accepted } },
  );
}

/**
 * Reads a body to its end. A handler calls it where it needs the body: after all that can be checked without
 * it.
 *
 * @throws HttpError
 */
export async function readBody(
  request: Request,
  response: Response,
  admit: AdmitBody,
  mostBytes?: number,
): Promise<Buffer> {
  const { 'content-encoding': encoding } = request.headers;
  // Its size is to be what was sent.
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HttpError(
      'unsupported_media_type',
      `Expected a body without Content-Encoding; got "${encoding}".`,
    );
  }
  const count = admit(request, response, mostBytes);
  const chunks: Buffer[] = [];
  try {
    // The answer takes the same connection, so that a body that is refused must not end it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      count(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw uploadAborted();
    // What still comes is read and dropped: many clients look at the answer when all is sent.
    request.resume();
    throw error;
  }
  return Buffer.concat(chunks);
}
