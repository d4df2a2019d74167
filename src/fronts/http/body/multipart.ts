import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import busboy from 'busboy';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { PlainText } from '../../../plain-text.ts';
import { streamName } from '../../../wire/stream-name.ts';
import { HttpError } from '../http-error.ts';
import { delimiterCounter } from './delimiters.ts';
import { parse } from './parse-request.ts';
import { type AdmitBody, uploadAborted } from './read-body.ts';

/** The name of a part that is an image. */
const PART_NAME = 'image';
/** The name of the one text part that there may be. */
const STREAM_NAME = 'stream';

const streamPart = z.object({ stream: streamName });

/** Bytes of a text part that are kept: more than the longest name of a stream has. */
const MOST_TEXT_BYTES = 1024;

/**
 * Reads the images of a `multipart/form-data` request, in their order, and the stream that it names.
 *
 * No part is left out silently: answers would no longer be those of the images at the same places.
 *
 * @throws HttpError
 */
export async function readMultipart(
  request: Request,
  response: Response,
  maxParts: number,
  admit: AdmitBody,
): Promise<{ readonly images: readonly Uint8Array[]; readonly stream: PlainText | null }> {
  const count = admit(request, response);
  const form = openForm(request, maxParts);
  const delimiters = delimiterCounter(request.headers['content-type'] ?? '');
  try {
    // The answer takes the same connection, so that a body that is refused must not end it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      count(chunk.length);
      delimiters.add(chunk);
      await form.write(chunk);
    }
    await form.end();
    // The last delimiter has no part after it.
    if (form.parts() < delimiters.count() - 1) {
      throw malformed('each part to have a Content-Disposition of the type form-data; got one without');
    }
  } catch (error) {
    form.discard();
    if (!(error instanceof HttpError)) throw uploadAborted();
    // What still comes is read and dropped: many clients look at the answer when all is sent.
    request.resume();
    throw error;
  }
  const images = form.images();
  if (images.length === 0) {
    throw new HttpError('no_image', `Expected 1 to ${maxParts} parts named "${PART_NAME}"; got none.`);
  }
  return { images, stream: form.stream() };
}

/** A form that is parsed while it arrives. */
interface Form {
  /** @throws HttpError where this or what came before is refused */
  readonly write: (chunk: Buffer) => Promise<void>;
  /** Resolves when every part is complete. @throws HttpError where the form is refused or breaks off */
  readonly end: () => Promise<void>;
  readonly discard: () => void;
  /** How many parts were found. */
  readonly parts: () => number;
  readonly images: () => readonly Uint8Array[];
  readonly stream: () => PlainText | null;
}

function openForm(request: Request, maxParts: number): Form {
  let refusal: HttpError | null = null;
  let parts = 0;
  const images: Buffer[][] = [];
  let stream: PlainText | null = null;
  const refuse = (error: HttpError): void => {
    refusal ??= error;
  };
  const broken = (error: unknown): void => {
    refuse(malformed(`multipart/form-data as RFC 7578 has it: ${String(error)}`));
  };

  const parser = parserOf(request, maxParts);
  parser.on('error', broken);
  parser.on('partsLimit', () => {
    refuse(tooManyParts(maxParts));
  });
  // busboy's types promise a name and a file name, which a part need not have.
  parser.on('file', (name: string | undefined, content: Readable, { filename }: { filename?: string }) => {
    parts++;
    const chunks: Buffer[] = [];
    content.on('error', broken);
    content.on('data', (chunk: Buffer) => {
      if (refusal === null) chunks.push(chunk);
    });
    if (name === undefined) refuse(partWithoutName());
    else if (!filename) refuse(partWithoutFile());
    else if (name !== PART_NAME) refuse(unexpectedPart(name));
    else if (images.length === maxParts) refuse(tooManyParts(maxParts));
    else images.push(chunks);
  });
  parser.on('field', (name: string | undefined, text: string) => {
    parts++;
    if (name === undefined) refuse(partWithoutName());
    else if (name !== STREAM_NAME) refuse(name === PART_NAME ? partWithoutFile() : unexpectedPart(name));
    else if (stream !== null) refuse(streamTwice());
    else {
      try {
        ({ stream } = parse(streamPart, { stream: text }, 'form'));
      } catch (error) {
        if (!(error instanceof HttpError)) throw error;
        refuse(error);
      }
    }
  });

  const throwRefusal = (): void => {
    if (refusal !== null) throw refusal;
  };
  return {
    write: async (chunk) => {
      await new Promise<void>((resolve) => {
        // An error is also told by its event.
        parser.write(chunk, () => {
          resolve();
        });
      });
      throwRefusal();
    },
    end: async () => {
      parser.end();
      await finished(parser).catch(broken);
      throwRefusal();
    },
    discard: () => {
      parser.destroy();
    },
    parts: () => parts,
    images: () => images.map((chunks) => Buffer.concat(chunks)),
    stream: () => stream,
  };
}

/** @throws HttpError `malformed_multipart` where the request's Content-Type names no boundary */
function parserOf({ headers }: Request, maxParts: number): busboy.Busboy {
  try {
    // busboy tells of a limit when it is reached, not when it is passed; and the stream is a part too.
    return busboy({ headers, limits: { parts: maxParts + 2, fieldSize: MOST_TEXT_BYTES } });
  } catch (error) {
    throw malformed(`multipart/form-data as RFC 7578 has it: ${String(error)}`);
  }
}

function malformed(expected: string): HttpError {
  return new HttpError('malformed_multipart', `Expected ${expected}.`);
}

function tooManyParts(maxParts: number): HttpError {
  return new HttpError(
    'too_many_parts',
    `Expected at most ${maxParts} parts named "${PART_NAME}"; got more. Send several requests.`,
    { members: { max_parts: maxParts } },
  );
}

function streamTwice(): HttpError {
  return new HttpError('unexpected_part', `Expected one part named "${STREAM_NAME}" at most; got several.`);
}

function partWithoutName(): HttpError {
  return malformed(`parts named "${PART_NAME}"; got one without a name`);
}

function unexpectedPart(name: string): HttpError {
  return new HttpError(
    'unexpected_part',
    `Expected files named "${PART_NAME}" and at most one text named "${STREAM_NAME}"; got a part named ` +
      `"${name.slice(0, 64)}". Options go into the query.`,
  );
}

function partWithoutFile(): HttpError {
  return new HttpError(
    'part_without_file',
    `Expected each part "${PART_NAME}" to be a file, with a filename in its Content-Disposition; got ` +
      `one without.`,
  );
}
