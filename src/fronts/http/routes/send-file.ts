import type { Request, Response } from 'express';
import type { PageFile } from './page-files.ts';
import { sendBytes, sendNothing } from '../server/sending.ts';

/** Answers with a file of a page, zipped where the caller takes that, or says that it is the same still. */
export async function sendFile(
  file: PageFile,
  caching: string,
  request: Request,
  response: Response,
): Promise<void> {
  const { contentType, etag } = file;
  const headers = { 'cache-control': caching, etag, vary: 'accept-encoding' };
  if (request.headers['if-none-match'] === etag) {
    sendNothing(response, 304, headers);
    return;
  }
  const zipped = request.acceptsEncodings('gzip') === 'gzip';
  await sendBytes(response, zipped ? file.gzipped : file.bytes, {
    headers: {
      ...headers,
      'content-type': contentType,
      ...(zipped ? { 'content-encoding': 'gzip' } : {}),
    },
    isShared: true,
  });
}
