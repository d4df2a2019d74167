import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DOCS_PAGE, DOCS_SCRIPT } from './docs-page.ts';
import { HttpError } from '../http-error.ts';
import { type PageFile, readPageFile } from './page-files.ts';
import { sendFile } from './send-file.ts';
import type { Route } from '../route.ts';
import { PAGE_POLICY } from '../server/browser-safety.ts';
import { sendBytes, sendText } from '../server/sending.ts';

/** What the page needs of swagger-ui-dist. */
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/**
 * The OpenAPI document and a page that shows it.
 *
 * The page and its files are open, as they say nothing of this service and a browser has no key to send with
 * them; the page asks for one and fetches the document with it.
 *
 * @param document The OpenAPI document as JSON.
 */
export function docsRoutes(document: () => Uint8Array): readonly Route[] {
  const swaggerFolder = fileURLToPath(new URL('.', import.meta.resolve('swagger-ui-dist/package.json')));
  const files = new Map<string, Promise<PageFile>>();
  /** Read once, when somebody wants it, and kept for all: 2 MB, which most services never need. */
  const fileOf = (name: string): Promise<PageFile> => {
    const reading = files.get(name) ?? readPageFile(join(swaggerFolder, name));
    files.set(name, reading);
    reading.catch(() => files.delete(name));
    return reading;
  };
  return [
    {
      method: 'get',
      path: '/openapi.json',
      access: 'any_key',
      operation: {
        operationId: 'getOpenApi',
        tags: ['service'],
        summary: 'This document',
        responses: { 200: { description: 'OpenAPI 3.1.', content: { 'application/json': {} } } },
      },
      problems: [],
      handle: async (_request, response) => {
        await sendBytes(response, document(), {
          headers: { 'content-type': 'application/json; charset=utf-8' },
          isShared: true,
        });
      },
    },
    {
      method: 'get',
      path: '/docs',
      access: 'open',
      operation: {
        operationId: 'getDocs',
        tags: ['service'],
        summary: 'A page that shows this document',
        responses: { 200: { description: 'The page.', content: { 'text/html': {} } } },
      },
      problems: [],
      handle: (_request, response) => {
        response.setHeader('content-security-policy', PAGE_POLICY);
        sendText(response, 200, 'text/html; charset=utf-8', DOCS_PAGE);
      },
    },
    {
      method: 'get',
      path: '/docs/{file}',
      access: 'open',
      operation: {
        operationId: 'getDocsFile',
        tags: ['service'],
        summary: 'A file of that page',
        requestParams: { path: z.object({ file: z.enum(['start.js', ...ASSETS]) }) },
        responses: {
          200: {
            description: 'The file.',
            content: { 'text/css': {}, 'text/javascript': {}, 'image/png': {} },
          },
        },
      },
      problems: ['unknown_route'],
      handle: async (request, response) => {
        const { file } = request.params;
        if (file === 'start.js') {
          sendText(response, 200, 'text/javascript; charset=utf-8', DOCS_SCRIPT);
          return;
        }
        const asset = ASSETS.find((name) => name === file);
        if (asset === undefined) {
          throw new HttpError(
            'unknown_route',
            `The documentation has no file "${String(file).slice(0, 64)}".`,
          );
        }
        // These change with a release only, and the page is of no use without the 1.5 MB of them.
        await sendFile(await fileOf(asset), 'public, max-age=3600', request, response);
      },
    },
  ];
}
