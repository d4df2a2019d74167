import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { haltEngine, startEngine, untilOpen } from '../../engine/start-engine.ts';
import { grayPng, model } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { startService } from './service.ts';

const dark = await grayPng(0);

const bug = (): never => {
  throw new TypeError('the password is swordfish');
};

describe('a request that cannot be served', () => {
  it('has no such route: 404, and the answer says where they are listed', async (t) => {
    const service = await startService(t);
    for (const path of [
      '/nowhere',
      '/v1',
      '/v1/predictions/a/b',
      '/docs/package.json',
      '/docs/..%2Fpackage.json',
    ]) {
      await expectProblem(await service.get(path), 'unknown_route', 404);
    }
  });

  for (const [method, path, allow] of [
    ['GET', '/v1/predictions', 'POST'],
    ['GET', '/v1/reviews/claim', 'POST'],
    ['DELETE', '/v1/reviews', 'GET, HEAD'],
    ['POST', '/v1/reviews/01ARZ3NDEKTSV4RRFFQ69G5FAV/label', 'PUT'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['OPTIONS', '/v1/predictions', 'POST'],
  ] as const) {
    it(`uses ${method} on ${path}: 405 with Allow`, async (t) => {
      const service = await startService(t);
      const response = await fetch(service.url + path, { method });
      assert.equal(response.headers.get('allow'), allow);
      await expectProblem(response, 'method_not_allowed', 405);
    });
  }

  it('has a path that is not UTF-8', async (t) => {
    const service = await startService(t);
    await expectProblem(await service.get('/v1/reviews/%E0%A4%A'), 'invalid_request', 400);
  });
});

describe('an engine that refuses work', () => {
  it('because it has too much is answered 503 with Retry-After', async (t) => {
    const engine = startEngine(model);
    const service = await startService(t, { engine, queueLimit: 1 });
    const goOn = await haltEngine(engine);
    t.after(() => {
      goOn();
      engine.close();
    });
    const first = service.post('/v1/predictions', dark, 'image/png');
    await untilOpen(engine, 1);
    const response = await service.post('/v1/predictions', dark, 'image/png');
    assert.equal(response.headers.get('retry-after'), '1');
    await expectProblem(response, 'engine_busy', 503);
    goOn();
    assert.equal((await first).status, 200);
  });

  it('because it is shut down is answered 503 with Retry-After', async (t) => {
    const engine = startEngine(model);
    engine.close();
    const service = await startService(t, { engine });
    const response = await service.post('/v1/predictions', dark, 'image/png');
    assert.equal(response.headers.get('retry-after'), '1');
    await expectProblem(response, 'engine_unavailable', 503);
  });

  it('because no queue is long enough is answered 422, and there is no point in coming again', async (t) => {
    const service = await startService(t, { queueLimit: 1 });
    const data = new FormData();
    for (const name of ['a.png', 'b.png']) data.append('image', new Blob([new Uint8Array(dark)]), name);
    const response = await service.post('/v1/predictions', data);
    assert.equal(response.headers.get('retry-after'), null);
    await expectProblem(response, 'request_exceeds_queue', 422);
  });
});

describe('an error that nobody expected', () => {
  it('is answered 500 and tells nothing but the request’s id', async (t) => {
    const service = await startService(t, { newId: bug });
    const response = await service.post('/v1/predictions', dark, 'image/png');
    const id = response.headers.get('x-request-id')!;
    const problem = await expectProblem(response, 'internal', 500);
    assert.ok(problem.detail.includes(id));
    assert.doesNotMatch(JSON.stringify(problem), /swordfish|TypeError|\.ts/);
  });

  it('is logged once, with its stack and the request’s id', async (t) => {
    const service = await startService(t, { newId: bug });
    const response = await service.post('/v1/predictions', dark, 'image/png');
    const errors = service.logged.filter(({ level }) => level === 'error');
    assert.equal(errors.length, 1);
    assert.equal(errors[0]!.id, response.headers.get('x-request-id'));
    assert.match((errors[0]!.err as { stack: string }).stack, /swordfish[^]*problems\.test\.ts/);
  });

  it('is not made of an error that the caller brought about', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions', 'x', 'image/png');
    await service.get('/nowhere');
    assert.deepEqual(
      service.logged.filter(({ level }) => level === 'error'),
      [],
    );
  });
});

describe('every answer', () => {
  it('has the headers that keep browsers from misusing it, errors included', async (t) => {
    const service = await startService(t);
    for (const path of ['/v1/model', '/nowhere', '/healthz']) {
      const { headers } = await service.get(path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.match(headers.get('content-security-policy')!, /default-src 'none'.*frame-ancestors 'none'/);
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
  });
});

describe('the request log', () => {
  it('has one line a request, with these members and no other', async (t) => {
    const service = await startService(t, { access: keysOf(['predict']) });
    await service.get('/v1/predictions/01ARZ3NDEKTSV4RRFFQ69G5FAV?secret=1', 'key-of-predict');
    const { ms, time, ...line } = service.logged[0]!;
    const { id, ...rest } = line;
    assert.equal(service.logged.length, 1);
    assert.deepEqual(rest, {
      level: 'info',
      method: 'GET',
      route: '/v1/predictions/{id}',
      status: 404,
      key: 'predict',
      msg: 'request',
    });
    assert.match(String(id), /^[\da-f-]{36}$/);
    assert.ok(typeof ms === 'number' && typeof time === 'string');
  });

  it('uses the caller’s request id where it is sensible', async (t) => {
    const service = await startService(t);
    const idFor = async (sent: string): Promise<string | null> =>
      (await fetch(`${service.url}/healthz`, { headers: { 'x-request-id': sent } })).headers.get(
        'x-request-id',
      );
    assert.equal(await idFor('trace-7'), 'trace-7');
    assert.notEqual(await idFor('a b {}'), 'a b {}');
    assert.notEqual(await idFor('x'.repeat(65)), 'x'.repeat(65));
  });

  it('keeps probes at debug and their failures at info', async (t) => {
    const service = await startService(t, {
      readiness: () => ({ ready: false, reason: 'the model is being loaded' }),
    });
    await service.get('/healthz');
    await service.get('/readyz');
    assert.deepEqual(
      service.logged.map(({ route, level }) => [route, level]),
      [
        ['/healthz', 'debug'],
        ['/readyz', 'info'],
      ],
    );
  });

  it('says 499 for a caller who hangs up while the work is done', async (t) => {
    const service = await startService(t);
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const controller = new AbortController();
    const call = fetch(`${service.url}/v1/predictions`, {
      method: 'POST',
      body: dark,
      headers: { 'content-type': 'image/png' },
      signal: controller.signal,
    });
    await untilOpen(service.engine, 1);
    controller.abort();
    await assert.rejects(call);
    while (!service.logged.some(({ route }) => route === '/v1/predictions')) await service.get('/healthz');
    goOn();
    await service.get('/healthz');
    const lines = service.logged.filter(({ route }) => route === '/v1/predictions');
    assert.deepEqual(
      lines.map(({ status, level }) => [status, level]),
      [[499, 'info']],
    );
  });
});
