import type { Metrics } from '../../../telemetry/metrics.ts';
import { HttpError } from '../http-error.ts';
import { aliveSchema, readySchema } from '../../../wire/health.ts';
import type { Route } from '../route.ts';
import { reserveForWatcher } from '../server/downloads.ts';
import { sendJson } from '../server/send-json.ts';
import { sendText } from '../server/sending.ts';

export interface Readiness {
  readonly ready: boolean;
  /** Why not, for people; also said when it is ready. */
  readonly reason: string;
}

/** What those who run the service ask of it. Open: a probe has no key. */
export function serviceRoutes(readiness: () => Readiness, metrics: Metrics): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      access: 'open',
      operation: {
        operationId: 'isAlive',
        tags: ['service'],
        summary: 'Whether the process answers at all',
        description: 'Depends on nothing else: a slow database must not get a process killed.',
        responses: {
          200: { description: 'It does.', content: { 'application/json': { schema: aliveSchema } } },
        },
      },
      problems: [],
      handle: (_request, response) => {
        sendJson(response, 200, { status: 'alive' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      access: 'open',
      operation: {
        operationId: 'isReady',
        tags: ['service'],
        summary: 'Whether requests should be sent here',
        description:
          'Says nothing of the database: while that is away all replicas would be taken out at once, and ' +
          'nobody would tell callers why. Whoever calls is then answered 503 `database_unavailable` with ' +
          'Retry-After, until it is back; nothing has to be restarted.',
        responses: {
          200: { description: 'They should.', content: { 'application/json': { schema: readySchema } } },
        },
      },
      problems: ['not_ready'],
      handle: (_request, response) => {
        const { ready, reason } = readiness();
        if (!ready) throw new HttpError('not_ready', reason);
        sendJson(response, 200, { status: 'ready', reason });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      access: 'open',
      operation: {
        operationId: 'getMetrics',
        tags: ['service'],
        summary: 'Prometheus metrics',
        responses: { 200: { description: 'Text exposition format.', content: { 'text/plain': {} } } },
      },
      problems: [],
      handle: async (_request, response) => {
        const text = await metrics.exposition();
        reserveForWatcher(response, Buffer.byteLength(text));
        sendText(response, 200, metrics.contentType, text);
      },
    },
  ];
}
