import type { Request, Response } from 'express';
import type { ProblemCode } from '../../../wire/problems.ts';
import { HttpError } from '../http-error.ts';
import { type CheckedSchema, parse } from './parse-request.ts';
import { type AdmitBody, mediaTypeOf, readBody, refuseMediaType } from './read-body.ts';

/** Reads a request's JSON body and checks it; no body at all counts as `{}`. */
export type JsonReader = <T>(schema: CheckedSchema<T>, request: Request, response: Response) => Promise<T>;

/** What a JSON body may be refused for. */
export const jsonBodyProblems: readonly ProblemCode[] = [
  'unsupported_media_type',
  'bad_json',
  'invalid_request',
  'body_too_large',
  'upload_aborted',
  'uploads_busy',
];

/** Of a body that holds no image: the longest note and label, each character escaped, and room to spare. */
export const SMALL_BODY_BYTES = 16_384;
/** A longer body is one text in base64, which has none of these, and hardly anything beside it. */
const MOST_MARKS = 1000;
const MARKS = ['{', '[', ','] as const;

/**
 * @param mostBytes Of one body; all but predictions need little, and reading JSON holds everybody up.
 */
export function jsonReader(admit: AdmitBody, mostBytes = SMALL_BODY_BYTES): JsonReader {
  return async (schema, request, response) => {
    if (mediaTypeOf(request) !== 'application/json' && hasBody(request))
      refuseMediaType(request, ['application/json']);
    refuseOtherCharset(request);
    const bytes = await readBody(request, response, admit, mostBytes);
    if (bytes.length > SMALL_BODY_BYTES) refuseManyParts(bytes);
    return parse(schema, bytes.length === 0 ? {} : parseJson(bytes), 'request body');
  };
}

/**
 * Refuses a long body of many members, or of much that lies within each other, before any of it is made: a
 * million members take seconds, and twenty million open brackets a gigabyte. Every object, every array and
 * every further member has a mark of its own, so their number bounds the depth as well. Also those in texts
 * are counted: base64 has none.
 *
 * @throws HttpError `bad_json`
 */
function refuseManyParts(bytes: Buffer): void {
  let count = 0;
  for (const mark of MARKS) {
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
      if (++count <= MOST_MARKS) continue;
      throw new HttpError('bad_json', 'Expected an object with one image in base64; got many members.');
    }
  }
}

/** @throws HttpError `bad_json` */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new HttpError('bad_json', `Expected JSON in UTF-8; ${(error as Error).message}.`);
  }
}

/** @throws HttpError `unsupported_media_type` */
function refuseOtherCharset({ headers }: Request): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new HttpError('unsupported_media_type', `Expected JSON in UTF-8; got charset "${charset}".`);
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
