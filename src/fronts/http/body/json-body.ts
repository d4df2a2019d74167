import type { Request, Response } from 'express';
import { HttpError } from '../http-error.ts';
import { type CheckedSchema, parse } from './parse-request.ts';
import { type AdmitBody, mediaTypeOf, readBody, refuseMediaType } from './read-body.ts';

/** Reads a request's JSON body and checks it; no body at all counts as `{}`. */
export type JsonReader = <T>(schema: CheckedSchema<T>, request: Request, response: Response) => Promise<T>;

export function jsonReader(admit: AdmitBody): JsonReader {
  return async (schema, request, response) => {
    if (mediaTypeOf(request) !== 'application/json' && hasBody(request))
      refuseMediaType(request, ['application/json']);
    refuseOtherCharset(request);
    const bytes = await readBody(request, response, admit);
    return parse(schema, bytes.length === 0 ? {} : parseJson(bytes), 'request body');
  };
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
