import type { Writable } from 'node:stream';
import type { Request, Response } from 'express';
import multer from 'multer';
import { HttpError } from '../http-error.ts';
import { type AdmitBody, uploadAborted } from './upload-budget.ts';

/** The only name a part may have. */
const PART_NAME = 'image';

/**
 * Reads the images of a `multipart/form-data` request, in their order.
 *
 * Nothing is left out silently: a part that is not an image would shift all answers after it.
 *
 * @throws HttpError
 */
export async function readMultipart(
  request: Request,
  response: Response,
  maxParts: number,
  admit: AdmitBody,
): Promise<readonly Uint8Array[]> {
  const count = admit(request, response);
  // streamHandler is newer than multer's type declarations.
  const options: multer.Options & { streamHandler: (request: Request, form: Writable) => void } = {
    limits: { parts: maxParts, fieldSize: 1024 },
    streamHandler: (body, form) => {
      watch(form, body, count);
      body.pipe(form);
    },
  };
  const parser = multer(options).array(PART_NAME);
  await new Promise<void>((resolve, reject) => {
    void parser(request, response, (error?: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(multipartError(error, request, maxParts));
    });
  });

  const [field] = Object.keys((request.body ?? {}) as object);
  if (field === PART_NAME) throw partWithoutFile();
  if (field !== undefined) throw unexpectedPart(field);
  const files = Array.isArray(request.files) ? request.files : [];
  if (files.length === 0) {
    throw new HttpError('no_image', `Expected 1 to ${maxParts} parts named "${PART_NAME}"; got none.`);
  }
  return files.map(({ buffer }) => buffer);
}

/** Stops `form` at what multer lets pass: more bytes than are admitted, and a file without a name. */
function watch(form: Writable, body: Request, count: (bytes: number) => void): void {
  const onData = (chunk: Buffer): void => {
    try {
      count(chunk.length);
    } catch (error) {
      body.off('data', onData);
      form.destroy(error as Error);
    }
  };
  body.on('data', onData);
  form.on('file', (_field: string, _stream: unknown, { filename }: { filename?: string }) => {
    if (!filename) form.destroy(partWithoutFile());
  });
}

function multipartError(error: unknown, request: Request, maxParts: number): Error {
  if (error instanceof HttpError) return error;
  if (request.destroyed && !request.complete) return uploadAborted();
  if (!(error instanceof multer.MulterError)) {
    return new HttpError(
      'malformed_multipart',
      `Expected multipart/form-data as RFC 7578 has it: ${String(error)}.`,
    );
  }
  switch (error.code) {
    case 'LIMIT_PART_COUNT':
      return new HttpError(
        'too_many_parts',
        `Expected at most ${maxParts} parts; got more. Send several requests.`,
        {
          members: { max_parts: maxParts },
        },
      );
    case 'LIMIT_FIELD_VALUE':
      return error.field === PART_NAME ? partWithoutFile() : unexpectedPart(error.field ?? '');
    case 'LIMIT_UNEXPECTED_FILE':
      return unexpectedPart(error.field ?? '');
    default:
      return new HttpError('malformed_multipart', `Expected parts named "${PART_NAME}": ${error.message}.`);
  }
}

function unexpectedPart(name: string): HttpError {
  return new HttpError(
    'unexpected_part',
    `Expected only parts named "${PART_NAME}"; got one named "${name.slice(0, 64)}". Options go into the query.`,
  );
}

function partWithoutFile(): HttpError {
  return new HttpError(
    'part_without_file',
    `Expected each part "${PART_NAME}" to be a file, with a filename in its Content-Disposition; got one without.`,
  );
}
