import type { Request } from 'express';
import { z } from 'zod';
import { type Checked, isPlainText, type PlainText } from '../../../plain-text.ts';
import { MOST_NAMED, shortened } from '../bounded-problem.ts';
import { HttpError } from '../http-error.ts';

/** A schema whose texts are all checked: each is a literal, or made by `plainText`. */
export type CheckedSchema<T> = z.ZodType<T> & (T extends Checked<T> ? unknown : { needs: 'plainText()' });

/** @throws HttpError `invalid_request` with the first issues in `errors` */
export function parse<T>(schema: CheckedSchema<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // Joined before they are shortened, a million of them would hold everybody up.
  const errors = issues.slice(0, MOST_NAMED).map(({ path, message }) => ({
    path: shortened(path.join('.')),
    message: shortened(message),
  }));
  const said = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (issues.length > MOST_NAMED) said.push(`and ${issues.length - MOST_NAMED} more`);
  throw new HttpError('invalid_request', `The ${what} is not as described. ${said.join('; ')}.`, {
    members: { errors },
  });
}

export function parseQuery<T>(schema: CheckedSchema<T>, request: Request): T {
  return parse(schema, request.query, 'query');
}

const LONGEST = 255;

/** How the header is described; `idempotencyKeyOf` reads it. */
export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      `1 to ${LONGEST} printable ASCII characters, best a UUID, as ` +
        `draft-ietf-httpapi-idempotency-key-header has it: in double quotes, ` +
        'or without them where it holds neither blank, comma nor quote.',
    ),
});

/**
 * The request's Idempotency-Key; null where it has none. Quoted (RFC 8941, 3.3.3) and bare are the same key.
 *
 * @throws HttpError `invalid_request`
 */
export function idempotencyKeyOf({ headers }: Request): PlainText | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  // Node joins several headers of one name with a comma, which a bare key may not hold.
  const text = String(given).trim();
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, '$1');
  const key = quoted ?? (/^[^\s",]*$/.test(text) ? text : '');
  if (key.length === 0 || key.length > LONGEST || !/^[ -~]*$/.test(key) || !isPlainText(key)) {
    throw new HttpError(
      'invalid_request',
      `Expected an Idempotency-Key of 1 to ${LONGEST} printable ASCII characters, such as ` +
        `"8e03978e-40d5-43dd-bc93-6894a57f9324"; got ${text.length} that are none.`,
      { members: { errors: [{ path: 'Idempotency-Key', message: 'not a key' }] } },
    );
  }
  return key;
}
