import type { Request, RequestHandler, Response } from 'express';
import { HttpError } from './http-error.ts';

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
 * Runs a body parser to its end, so that a handler can wait for the body where it needs it: after all that can be
 * checked without it.
 *
 * @param translate Makes the parser's own errors into ones of ours.
 * @throws HttpError
 */
export function readBody(
  parser: RequestHandler,
  request: Request,
  response: Response,
  maxBodyBytes: number,
  translate: (error: unknown) => Error = bodyError,
): Promise<void> {
  // A parser would read the whole upload before it says no.
  if (Number(request.headers['content-length']) > maxBodyBytes) throw bodyTooLarge(maxBodyBytes);
  return new Promise((resolve, reject) => {
    const done = (error?: unknown): void => {
      if (error === undefined || error === null) resolve();
      else reject(translate(error));
    };
    try {
      void parser(request, response, done);
    } catch (error) {
      done(error);
    }
  });
}

export function bodyTooLarge(maxBodyBytes: number): HttpError {
  return new HttpError(
    'body_too_large',
    `Expected a request body of at most ${maxBodyBytes} bytes; got more.`,
    {
      members: { max_bytes: maxBodyBytes },
    },
  );
}

/** The caller is gone or sent less than it announced. Seldom read by anyone, never worth an alarm. */
export function uploadAborted(): HttpError {
  return new HttpError(
    'upload_aborted',
    'The request ended before its whole body had arrived. Send it again.',
  );
}

/** An error of ours for one of body-parser's, told by its documented `type`; anything else as it is. */
function bodyError(error: unknown): Error {
  const { type, limit, message } = error as { type?: unknown; limit?: number; message?: string };
  switch (type) {
    case 'entity.too.large':
      return bodyTooLarge(limit ?? 0);
    case 'entity.parse.failed':
      return new HttpError('bad_json', `Expected JSON; ${message ?? 'it could not be parsed'}.`);
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new HttpError(
        'unsupported_media_type',
        `Expected a body in UTF-8 without Content-Encoding: ${message ?? ''}.`,
      );
    case 'request.aborted':
    case 'request.size.invalid':
      return uploadAborted();
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}
