import type { Request } from 'express';
import { z } from 'zod';
import { isPlainText, type PlainText } from '../../../plain-text.ts';
import { HttpError } from '../http-error.ts';

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** The `{id}` of a path, as it is described. */
export const idPath = z.object({
  id: z.string().regex(ULID).describe('ULID of the prediction, which is also that of its review item.'),
});

/**
 * The `{id}` of a request's path.
 *
 * @throws HttpError `unknown_item` for what is no ULID: it names nothing, and the queue need not be asked.
 */
export function idOf(request: Request): PlainText {
  const { id } = request.params;
  if (typeof id === 'string' && ULID.test(id) && isPlainText(id)) return id;
  throw unknownItem(String(id));
}

export function unknownItem(id: string): HttpError {
  return new HttpError('unknown_item', `There is nothing with id "${id.slice(0, 64)}" here.`);
}
