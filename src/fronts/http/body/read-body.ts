import type { Request, Response } from 'express';
import { HttpError } from '../http-error.ts';
import { type AdmitBody, uploadAborted } from './upload-budget.ts';

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
export async function readBody(request: Request, response: Response, admit: AdmitBody): Promise<Buffer> {
  const { 'content-encoding': encoding } = request.headers;
  // Its size is to be what was sent.
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HttpError(
      'unsupported_media_type',
      `Expected a body without Content-Encoding; got "${encoding}".`,
    );
  }
  const count = admit(request, response);
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
