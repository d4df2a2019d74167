import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, METHODS, request } from 'node:http';
import { describe, it } from 'node:test';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { operationsOf } from './operations.ts';
import { startService } from './service.ts';

const labelsOf = (text: string, label: string): Set<string> =>
  new Set([...text.matchAll(new RegExp(`[{,]${label}="([^"]*)"`, 'g'))].map(([, value]) => value!));

describe('labels of metrics that come from outside', () => {
  it('name the methods that some route takes, and all others alike', async (t) => {
    const service = await startService(t);
    const operations = await operationsOf(await service.get('/openapi.json'));
    const paths = [...new Set(operations.map(({ path }) => path.replaceAll(/\{\w+\}/g, 'a'))), '/nowhere'];
    // CONNECT is answered by no route.
    const foreign = METHODS.filter((method) => method !== 'CONNECT');
    for (const path of paths) {
      for (const method of foreign) {
        const outgoing = request({ port: service.port, host: '127.0.0.1', path, method });
        outgoing.end();
        const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
        incoming.resume();
        await once(incoming, 'end');
      }
    }
    const methods = labelsOf(await (await service.get('/metrics')).text(), 'method');
    assert.deepEqual([...methods].sort(), ['DELETE', 'GET', 'HEAD', 'POST', 'PUT', 'other']);
  });

  it('are bounded, whoever asks and whoever labels', async () => {
    const metrics = new Metrics();
    for (let i = 0; i < 1000; i++) {
      metrics.countCall(`jwt:${i}`, i % 2 === 0);
      metrics.observeLabel({ reasons: ['sensitive'], agrees: true, leadSeconds: 1, reviewer: `jwt:${i}` });
      metrics.observeHttp({ method: `M${i}`, route: '/', status: 405, seconds: 0 });
    }
    const text = await metrics.exposition();
    for (const label of ['caller', 'reviewer', 'method']) {
      const values = labelsOf(text, label);
      assert.ok(values.size <= 101, label);
      assert.ok(values.has('other'), label);
    }
  });
});
