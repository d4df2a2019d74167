import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { endServices, newDataDir, samples, startService } from '../commands/service.ts';

after(endServices);

type Attribute = readonly [string, unknown];

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: Pick<Span, 'attributes'>;
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** A collector: takes OTLP in JSON and keeps it. */
async function startCollector(): Promise<{ server: Server; endpoint: string; exports: Export[] }> {
  const exports: Export[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      if (request.url === '/v1/traces') exports.push(body as Export);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exports };
}

const attributesOf = ({ attributes }: Pick<Span, 'attributes'>): Map<string, unknown> =>
  new Map(attributes.map(({ key, value }): Attribute => [key, Object.values(value)[0]]));

async function predict(url: string, traceparent: string): Promise<Response> {
  const { bytes } = (await samples(1))[0]!;
  return fetch(`${url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', traceparent },
    body: new Uint8Array(bytes),
  });
}

describe('traces', () => {
  it('go to the collector under the caller’s trace, with the answer’s steps, and none for probes', async () => {
    const { server, endpoint, exports } = await startCollector();
    const service = await startService({
      DATA_DIR: await newDataDir(),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await predict(service.url, `00-${traceId}-b7ad6b7169203331-01`);
    const { decision } = (await answer.json()) as { decision: string };
    await (await fetch(`${service.url}/healthz`)).text();
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
    server.close();

    const resource = attributesOf(exports[0]!.resourceSpans[0]!.resource);
    assert.equal(resource.get('service.name'), 'sensigate');
    const spans = exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
    assert.deepEqual(spans.map(({ name }) => name).sort(), [
      'POST /v1/predictions',
      'compute',
      'decode',
      'prediction',
      'queue',
      'store',
    ]);
    assert.ok(spans.every((span) => span.traceId === traceId));
    const request = spans.find(({ name }) => name.startsWith('POST'))!;
    assert.equal(request.parentSpanId, 'b7ad6b7169203331');
    assert.equal(attributesOf(request).get('http.response.status_code'), answer.status);
    const prediction = spans.find(({ name }) => name === 'prediction')!;
    assert.equal(prediction.parentSpanId, request.spanId);
    assert.equal(attributesOf(prediction).get('sensigate.decision'), decision);
    for (const { name, parentSpanId, startTimeUnixNano, endTimeUnixNano } of spans) {
      if (['decode', 'queue', 'compute', 'store'].includes(name))
        assert.equal(parentSpanId, prediction.spanId, name);
      assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano), name);
    }
  });

  it('are not made where the caller decided so', async () => {
    const { server, endpoint, exports } = await startCollector();
    const service = await startService({
      DATA_DIR: await newDataDir(),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    await (await predict(service.url, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')).text();
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
    server.close();
    assert.deepEqual(exports, []);
  });

  it('that cannot be sent neither fail a request nor keep the service from ending', async () => {
    const { server, endpoint } = await startCollector();
    server.close();
    const service = await startService({
      DATA_DIR: await newDataDir(),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    });
    const answer = await predict(service.url, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    assert.ok(answer.ok, await answer.text());
    const began = performance.now();
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
    // Two seconds for the collector, and the rest for a busy machine.
    assert.ok(performance.now() - began < 15_000);
  });
});
