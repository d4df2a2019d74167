import type { Response } from 'express';

/**
 * Answers `value` as JSON. Shorter than `response.json`, which also computes an ETag of what is never cached.
 */
export function sendJson(response: Response, status: number, value: unknown): void {
  sendText(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}

export function sendText(response: Response, status: number, contentType: string, text: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
