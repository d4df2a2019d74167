import express, { type Request, type Response } from 'express';
import type { z } from 'zod';
import { HttpError } from './http-error.ts';
import { mediaTypeOf, readBody, refuseMediaType } from './read-body.ts';

/** @throws HttpError `invalid_request` with every issue in `errors` */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const said = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw new HttpError('invalid_request', `The ${what} is not as described. ${said.join('; ')}.`, {
    members: { errors },
  });
}

export function parseQuery<T>(schema: z.ZodType<T>, request: Request): T {
  return parse(schema, request.query, 'query');
}

/** Reads a request's JSON body and checks it; no body at all counts as `{}`. */
export type JsonReader = <T>(schema: z.ZodType<T>, request: Request, response: Response) => Promise<T>;

export function jsonReader(maxBodyBytes: number): JsonReader {
  // Uncompressed, so that its size is what was sent; of any shape, so that zod says what is wrong with it.
  const parser = express.json({ limit: maxBodyBytes, inflate: false, strict: false });
  return async (schema, request, response) => {
    if (mediaTypeOf(request) !== 'application/json' && hasBody(request))
      refuseMediaType(request, ['application/json']);
    await readBody(parser, request, response, maxBodyBytes);
    return parse(schema, request.body ?? {}, 'request body');
  };
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
