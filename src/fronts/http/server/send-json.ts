import type { Response } from 'express';
import { sendText } from './sending.ts';

/**
 * Answers `value` as JSON. Shorter than `response.json`, which also computes an ETag of what is never cached.
 *
 * @throws HttpError `downloads_busy` before anything is sent
 */
export function sendJson(response: Response, status: number, value: unknown): void {
  sendText(response, status, 'application/json; charset=utf-8', JSON.stringify(value));
}
