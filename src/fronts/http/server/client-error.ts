import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpErrorCode } from '../http-error.ts';
import { PROBLEMS } from '../../../wire/problems.ts';
import type { OpenRequest } from './open-requests.ts';

type Refusal = Extract<HttpErrorCode, 'request_timeout' | 'malformed_http' | 'headers_too_large'>;

const DETAILS: Readonly<Record<Refusal, string>> = {
  request_timeout:
    'Expected the whole request sooner. Send it again, on a faster connection or with a smaller body.',
  malformed_http: 'Expected a request as RFC 9112 has it; what came cannot be read.',
  headers_too_large: 'Expected headers of at most 16 KiB in all; got more.',
};

/**
 * Answers what is not, or not wholly, a request, as far as an answer would be its own, and ends the
 * connection.
 *
 * Whoever sent a whole request before on the same connection waits for its answer. That one comes first and
 * ends the connection; nothing else is said, since it would be taken for it.
 *
 * @param open Requests under way on this connection, in their order.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  open: readonly OpenRequest[],
): void {
  const waiting = open.filter(({ request }) => request.complete).at(-1)?.response;
  if (waiting !== undefined && socket.writable) {
    if (!waiting.headersSent) waiting.setHeader('connection', 'close');
    waiting.once('finish', () => {
      socket.end();
    });
    return;
  }
  const answered = open.some(({ response }) => response.headersSent);
  if (answered || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = refusalOf(error);
  const { status, title } = PROBLEMS[code];
  const problem = { type: `urn:sensigate:problem:${code}`, title, status, code, detail: DETAILS[code] };
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => {
      socket.destroy();
    },
  );
}

function refusalOf({ code }: NodeJS.ErrnoException): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'malformed_http';
}
