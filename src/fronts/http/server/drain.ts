import type { RequestListener } from 'node:http';
import type { HttpServer } from './server.ts';

const endAfterThis: RequestListener = (_request, response) => {
  response.setHeader('connection', 'close');
};

/**
 * Has every connection end with the answer that is under way on it, or with the next one: a caller that keeps
 * its connection busy would keep the service from ending.
 */
export function endConnectionsAfterAnswers({ server, open }: HttpServer): void {
  for (const requests of open.values())
    for (const { response } of requests) if (!response.headersSent) response.setHeader('connection', 'close');
  server.off('request', endAfterThis);
  server.prependListener('request', endAfterThis);
}

/** How long a connection that was taken last may need to bring its request. */
const LAST_REQUEST_MS = 1000;

/**
 * Takes no new connection and waits for the requests under way, until `cut`; those that are left then are cut
 * off.
 *
 * @returns How many requests that had arrived whole were cut off.
 */
export async function drain(http: HttpServer, cut: Promise<unknown>): Promise<number> {
  const { server, open } = http;
  let lost = 0;
  let ended = false;
  const closed = http.close().then(() => {
    ended = true;
  });
  endConnectionsAfterAnswers(http);
  server.closeIdleConnections();
  // Node takes one that never brought a request for busy, and looks no more at how long its headers take.
  const last = setTimeout(() => {
    for (const [socket, requests] of open) if (requests.size === 0) socket.destroy();
  }, LAST_REQUEST_MS);
  void cut.then(() => {
    if (ended) return;
    for (const requests of open.values())
      for (const { request, response } of requests)
        if (request.complete && !response.writableFinished) lost++;
    server.closeAllConnections();
  });
  await closed;
  clearTimeout(last);
  return lost;
}
