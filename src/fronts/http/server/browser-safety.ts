import type { Request, RequestHandler } from 'express';
import { isLoopback } from '../../../access/loopback.ts';
import { HttpError } from '../http-error.ts';

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

/**
 * Refuses what a web page elsewhere may send to a service without keys.
 *
 * Loopback keeps other machines out, but not the pages open in this machine's browser. They reach the service
 * either across sites, or by a name of theirs that they let point at 127.0.0.1 (DNS rebinding), which the
 * Host header tells. Across sites the Origin header tells; images, scripts, links and frames send none, and
 * there Sec-Fetch-Site tells, which no page can choose or leave out. With keys none of it matters: a page has
 * no key, and nothing sends it along.
 */
export function sameHostOnly(): RequestHandler {
  return (request, _response, next) => {
    const { host, origin } = request.headers;
    const own = host === undefined ? null : URL.parse(`http://${host}`);
    if (own === null || !isLoopback(own.hostname)) {
      throw new HttpError(
        'forbidden_origin',
        'Without API keys the service answers to localhost, 127.0.0.0/8 and [::1]; the Host header was ' +
          `"${host ?? ''}".`,
      );
    }
    if (origin !== undefined && URL.parse(origin)?.host !== own.host) {
      throw new HttpError(
        'forbidden_origin',
        `Without API keys the service answers to its own pages at ${own.host}; the Origin header was ` +
          `"${origin}".`,
      );
    }
    if (!isFromHere(request) && !opensPage(request)) {
      throw new HttpError(
        'forbidden_origin',
        'Without API keys the service answers to its own pages, and a page from elsewhere has sent this ' +
          `request, as its browser says (Sec-Fetch-Site). Open http://${own.host}/ instead.`,
      );
    }
    next();
  };
}

/** Whether one of our own pages has sent the request, the user by hand, or a program that is no browser. */
function isFromHere({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}

/** Paths that a link on another page may open in a tab; they change nothing and hold nobody's data. */
const LINKED: ReadonlySet<string> = new Set(['/', '/docs']);

function opensPage({ headers, method, path }: Request): boolean {
  const isTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isTab && method === 'GET' && LINKED.has(path);
}
