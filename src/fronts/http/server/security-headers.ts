import type { RequestHandler } from 'express';

/** For everything that is not a page: nothing may be loaded, run or framed. */
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For pages: our own files and nothing inline, except images in data: URLs, which style sheets use. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** For bytes that someone sent in: whatever they are, they run nothing, even when opened on their own. */
export const FOREIGN_POLICY = `sandbox; ${NOTHING}`;

/** Headers that every answer has; a route that serves something else than JSON sets its own policy. */
export function securityHeaders(): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('content-security-policy', NOTHING);
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cache-control', 'no-store');
    next();
  };
}
