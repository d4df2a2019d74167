import type { HttpServer, OpenRequests } from './server.ts';

/** Has every connection end with the answer that is under way on it. */
export function endConnectionsAfterAnswers(open: OpenRequests): void {
  for (const requests of open.values())
    for (const { response } of requests) if (!response.headersSent) response.setHeader('connection', 'close');
}

/**
 * Takes no new connection and waits for the requests under way, until `cut`; those that are left then are cut off.
 *
 * @returns How many requests that had arrived whole were cut off.
 */
export async function drain({ server, open }: HttpServer, cut: Promise<unknown>): Promise<number> {
  let lost = 0;
  let ended = false;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      ended = true;
      resolve();
    });
  });
  endConnectionsAfterAnswers(open);
  server.closeIdleConnections();
  void cut.then(() => {
    if (ended) return;
    for (const requests of open.values())
      for (const { request, response } of requests)
        if (request.complete && !response.writableFinished) lost++;
    server.closeAllConnections();
  });
  await closed;
  return lost;
}
