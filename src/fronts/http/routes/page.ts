import { z } from 'zod';
import { HttpError } from '../http-error.ts';
import type { Page } from './page-files.ts';
import { sendFile } from './send-file.ts';
import type { Route } from '../route.ts';
import { PAGE_POLICY } from '../server/browser-safety.ts';
import { sendText } from '../server/sending.ts';
import { WELCOME_PAGE } from './welcome-page.ts';

/**
 * The reviewers' page. It is open, as it says nothing of this service and a browser has no key to send with
 * it; the page asks for one and sends it with everything else.
 *
 * @param page Null where it is not built: a page without it is served, which says so.
 */
export function pageRoutes(page: Page | null): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/',
      access: 'open',
      operation: {
        operationId: 'getPage',
        tags: ['service'],
        summary: 'The reviewers’ page',
        responses: { 200: { description: 'A page.', content: { 'text/html': {} } } },
      },
      problems: [],
      handle: async (request, response) => {
        response.setHeader('content-security-policy', PAGE_POLICY);
        if (page === null) {
          sendText(response, 200, 'text/html; charset=utf-8', WELCOME_PAGE);
          return;
        }
        // It names the files of this version, so a browser must ask whether there is another.
        await sendFile(page.html, 'no-cache', request, response);
      },
    },
    {
      method: 'get',
      path: '/assets/{file}',
      access: 'open',
      operation: {
        operationId: 'getPageFile',
        tags: ['service'],
        summary: 'A file of that page',
        description: 'Its name changes with its content, so it may be kept for ever.',
        requestParams: { path: z.object({ file: z.string() }) },
        responses: {
          200: {
            description: 'The file.',
            content: { 'text/javascript': {}, 'text/css': {}, 'image/svg+xml': {} },
          },
        },
      },
      problems: ['unknown_route'],
      handle: async (request, response) => {
        const { file } = request.params;
        const asset = page?.assets.get(String(file));
        if (asset === undefined) {
          throw new HttpError('unknown_route', `The page has no file "${String(file).slice(0, 64)}".`);
        }
        await sendFile(asset, 'public, max-age=31536000, immutable', request, response);
      },
    },
  ];
}
