import { z } from 'zod';

/** JSON as text that goes through a URL untouched. Whoever decodes it can read it: it hides nothing. */
export function toCursor(fields: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** What `toCursor` wrote, unchecked; anything else is an issue. */
export const cursorText = z.base64url().transform((text, context): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    context.addIssue('not JSON');
    return z.NEVER;
  }
});
