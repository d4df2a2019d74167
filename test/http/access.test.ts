import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SCOPES, type Scope } from '../../src/http/access.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { operationsOf } from './operations.ts';
import { startService } from './service.ts';

const access = keysOf(...SCOPES.map((scope) => [scope]));

describe('a service with keys', () => {
  it('demands of every operation the scope that the OpenAPI document names, and only that', async (t) => {
    const service = await startService(t, { access });
    const operations = await operationsOf(await service.get('/openapi.json', 'key-of-predict'));
    assert.ok(operations.length > 15);
    for (const { method, path, scope } of operations) {
      const call = async (key?: Scope): Promise<number> => {
        const headers = key === undefined ? {} : { authorization: `Bearer key-of-${key}` };
        const url = service.url + path.replace('{id}', 'none').replace('{file}', 'start.js');
        const response = await fetch(url, { method, headers });
        await response.arrayBuffer();
        return response.status;
      };
      const name = `${method} ${path}`;
      if (scope === 'open') {
        assert.ok(![401, 403].includes(await call()), name);
        continue;
      }
      assert.equal(await call(), 401, name);
      for (const key of SCOPES) {
        const status = await call(key);
        if (scope === 'any_key' || scope === key)
          assert.ok(![401, 403].includes(status), `${name} as ${key}`);
        else assert.equal(status, 403, `${name} as ${key}`);
      }
    }
  });

  it('says how to send a key', async (t) => {
    const service = await startService(t, { access });
    const response = await service.get('/v1/reviews');
    assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="sensigate"');
    await expectProblem(response, 'unauthorized', 401);
  });

  it('says that a key is wrong', async (t) => {
    const service = await startService(t, { access });
    const response = await service.get('/v1/reviews', 'guess');
    assert.equal(response.headers.get('www-authenticate'), 'Bearer realm="sensigate", error="invalid_token"');
    await expectProblem(response, 'unauthorized', 401);
  });

  it('says which scope a key lacks', async (t) => {
    const service = await startService(t, { access });
    const response = await service.get('/v1/reviews', 'key-of-predict');
    assert.equal(
      response.headers.get('www-authenticate'),
      'Bearer realm="sensigate", error="insufficient_scope", scope="review"',
    );
    const problem = await expectProblem(response, 'forbidden', 403);
    assert.match(problem.detail, /needs the scope "review"; key "predict" has predict/);
  });

  it('refuses other schemes', async (t) => {
    const service = await startService(t, { access });
    for (const authorization of ['Basic a2V5OmtleQ==', 'Bearer', 'Bearer a b', 'key-of-predict']) {
      const response = await fetch(`${service.url}/v1/model`, { headers: { authorization } });
      await expectProblem(response, 'unauthorized', 401);
    }
  });

  it('refuses before it reads a body', async (t) => {
    const service = await startService(t, { access });
    const response = await service.post('/v1/predictions', Buffer.alloc(100_001), 'image/svg+xml');
    await expectProblem(response, 'unauthorized', 401);
  });

  it('puts the key’s id on the labels that it gives', async (t) => {
    const service = await startService(t, { access: keysOf(['predict', 'review']) });
    const key = 'key-of-predict+review';
    await service.post('/v1/predictions', await grayPng(128), 'image/png', key);
    const [item] = (await (await service.postJson('/v1/reviews/claim', {}, key)).json()) as {
      reviewer: string;
    }[];
    assert.equal(item!.reviewer, 'predict.review');
  });
});
