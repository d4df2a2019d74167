import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Script } from 'node:vm';
import { DOCS_SCRIPT } from '../../../src/fronts/http/routes/docs-page.ts';
import type { ServedGate } from '../../../src/wire/model.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { gate as servedGate, model as servedModel } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { bodyOf, startService } from './service.ts';

describe('GET /healthz', () => {
  it('is 200 whatever else is broken', async (t) => {
    const metrics = new Metrics();
    metrics.watchQueue(() => new Promise(() => undefined));
    const service = await startService(t, {
      metrics,
      readiness: () => {
        throw new Error('not even this works');
      },
    });
    await service.store.close();
    const response = await service.get('/healthz');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'alive' });
  });
});

describe('GET /readyz', () => {
  it('is 503 with the reason until the service is ready', async (t) => {
    let readiness = { ready: false, reason: 'the model is still being loaded' };
    const service = await startService(t, { readiness: () => readiness });
    const problem = await expectProblem(await service.get('/readyz'), 'not_ready', 503);
    assert.equal(problem.detail, 'the model is still being loaded');
    readiness = { ready: true, reason: 'the model is loaded' };
    assert.equal((await service.get('/readyz')).status, 200);
  });
});

describe('GET /metrics', () => {
  it('is Prometheus text in which a request shows with its route’s pattern', async (t) => {
    const service = await startService(t);
    await service.get('/v1/predictions/01ARZ3NDEKTSV4RRFFQ69G5FAV');
    await service.get('/nowhere/else');
    const response = await service.get('/metrics');
    assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const count = 'http_server_request_duration_seconds_count';
    assert.ok(text.includes(`${count}{method="GET",route="/v1/predictions/{id}",status="404"} 1`));
    assert.ok(text.includes(`${count}{method="GET",route="unmatched",status="404"} 1`));
    assert.ok(!text.includes('/nowhere'));
    assert.ok(text.includes('sensigate_predictions_total'));
  });
});

describe('GET /v1/model', () => {
  it('describes the model, with its labels and digest', async (t) => {
    const service = await startService(t);
    const model = await bodyOf(await service.get('/v1/model'));
    assert.deepEqual(model.labels, ['dark', 'light']);
    assert.equal(model.digest, servedModel.digest);
  });
});

describe('GET /v1/gate', () => {
  it('says why there is none', async (t) => {
    const gate: ServedGate = { gate: null, reason: 'gate.json is for another model', refused: null };
    const service = await startService(t, { gate: () => gate });
    const { audit, ...served } = await bodyOf<ServedGate & { audit: unknown }>(await service.get('/v1/gate'));
    assert.ok(audit);
    assert.deepEqual(served, { ...gate, closed: [] });
  });

  it('describes the gate', async (t) => {
    const service = await startService(t);
    const { gate, reason } = await bodyOf<ServedGate>(await service.get('/v1/gate'));
    assert.deepEqual([gate, reason], [servedGate, null]);
  });
});

describe('the pages', () => {
  for (const path of ['/', '/docs']) {
    it(`${path} is HTML with nothing inline and nothing from elsewhere, under a policy that says so`, async (t) => {
      const service = await startService(t);
      const response = await service.get(path);
      assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
      const policy = response.headers.get('content-security-policy')!;
      assert.match(policy, /script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|https?:/);
      const html = await response.text();
      assert.doesNotMatch(html, /https?:|<style|style=|\son\w+=|<script(?![^>]*src=)/);
      assert.match(html, /Sensigate/);
    });
  }

  it('/docs has all of its files', async (t) => {
    const service = await startService(t);
    const html = await (await service.get('/docs')).text();
    const files = [...html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, file]) => file!);
    const types: Record<string, string> = {};
    for (const file of files) {
      const response = await service.get(file);
      await response.arrayBuffer();
      assert.equal(response.status, 200, file);
      types[file] = response.headers.get('content-type')!.replace('application/', 'text/').split(';')[0]!;
    }
    assert.deepEqual(types, {
      '/docs/swagger-ui.css': 'text/css',
      '/docs/favicon-32x32.png': 'image/png',
      '/docs/swagger-ui-bundle.js': 'text/javascript',
      '/docs/start.js': 'text/javascript',
    });
  });

  it('/docs/start.js is a script that parses', () => {
    assert.doesNotThrow(() => new Script(DOCS_SCRIPT));
  });
});
