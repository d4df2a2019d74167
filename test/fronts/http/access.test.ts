import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyOf } from '../../../src/access/authenticate.ts';
import { SCOPES, type Scope } from '../../../src/access/caller.ts';
import type { RouteAccess } from '../../../src/fronts/http/server/request-context.ts';
import { parseApiKeys, verifierOf } from '../../../src/access/api-keys.ts';
import { createJwtVerifier } from '../../../src/access/jwt.ts';
import type { ProblemCode } from '../../../src/wire/problems.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { AUDIENCE, ISSUER, startIssuer } from './issuer.ts';
import { keysOf, sha256 } from './keys.ts';
import { operationsOf } from './operations.ts';
import { NOON, startService } from './service.ts';

const access = keysOf(...SCOPES.map((scope) => [scope]));

/**
 * What needs no credential, and why that is right stands in SECURITY.md. Whatever is added here is a
 * decision.
 */
const PUBLIC = [
  'GET /',
  'GET /assets/{file}',
  'GET /docs',
  'GET /docs/{file}',
  'GET /healthz',
  'GET /metrics',
  'GET /readyz',
];

/** Any caller who is known may ask for these. */
const ANY_KEY = ['GET /openapi.json', 'GET /v1/gate', 'GET /v1/model'];

describe('every operation of the OpenAPI document', () => {
  it('is public only where it is meant to be', async (t) => {
    const service = await startService(t, { access });
    const operations = await operationsOf(await service.get('/openapi.json', 'key-of-predict'));
    const withAccess = (wanted: RouteAccess): string[] =>
      operations
        .filter(({ scope }) => scope === wanted)
        .map(({ method, path }) => `${method} ${path}`)
        .sort();
    assert.deepEqual(withAccess('open'), PUBLIC);
    assert.deepEqual(withAccess('any_key'), ANY_KEY);
    assert.ok(operations.length > PUBLIC.length + ANY_KEY.length + 15);
  });

  it('answers 401 without, with a wrong and with an expired credential, 403 without its scope, else neither', async (t) => {
    const issuer = await startIssuer(t);
    const ended = { expires: new Date(NOON).toISOString(), scopes: SCOPES };
    const keys = parseApiKeys(
      JSON.stringify([
        ...SCOPES.map((scope) => ({ id: scope, sha256: sha256(`key-of-${scope}`), scopes: [scope] })),
        { id: 'ended', sha256: sha256('key-that-ended'), ...ended },
      ]),
      'keys of a test',
    );
    const { jwksUrl } = issuer;
    const service = await startService(t, {
      access: anyOf(
        verifierOf(keys, () => NOON),
        createJwtVerifier({ jwksUrl, issuer: ISSUER, audience: AUDIENCE, now: () => NOON }),
      ),
    });
    const all = SCOPES.join(' ');
    const jwtOf = new Map<Scope | 'none', string>([['none', await issuer.sign({ scope: 'openid' })]]);
    for (const scope of SCOPES) jwtOf.set(scope, await issuer.sign({ scope }));
    const refused: readonly (readonly [string, string | null, ProblemCode])[] = [
      ['nothing', null, 'unauthorized'],
      ['another scheme', `Basic ${Buffer.from('predict:key-of-predict').toString('base64')}`, 'unauthorized'],
      ['a wrong key', 'Bearer guess', 'unauthorized'],
      ['the hash of a key', `Bearer ${sha256('key-of-admin')}`, 'unauthorized'],
      ['an expired key', 'Bearer key-that-ended', 'expired_credential'],
      ['a forged JWT', `Bearer ${await issuer.forge({ scope: all })}`, 'unauthorized'],
      ['a JWT for another', `Bearer ${await issuer.sign({ scope: all, aud: 'mailer' })}`, 'unauthorized'],
      [
        'an expired JWT',
        `Bearer ${await issuer.sign({ scope: all, exp: NOON / 1000 - 60 })}`,
        'expired_credential',
      ],
    ];

    for (const { method, path, scope } of await operationsOf(
      await service.get('/openapi.json', 'key-of-predict'),
    )) {
      const call = async (authorization: string | null): Promise<{ status: number; code: string }> => {
        const url = service.url + path.replace('{id}', 'none').replace('{file}', 'start.js');
        const headers = authorization === null ? {} : { authorization };
        const response = await fetch(url, { method, headers });
        const text = await response.text();
        const problem = response.headers.get('content-type') === 'application/problem+json';
        return { status: response.status, code: problem ? (JSON.parse(text) as { code: string }).code : '' };
      };
      const name = `${method} ${path}`;
      if (scope === 'open') {
        assert.ok(![401, 403].includes((await call(null)).status), name);
        continue;
      }
      for (const [what, authorization, code] of refused)
        assert.deepEqual(await call(authorization), { status: 401, code }, `${name} with ${what}`);
      for (const has of [...SCOPES, 'none'] as const) {
        const credentials = [`Bearer ${jwtOf.get(has)}`, ...(has === 'none' ? [] : [`Bearer key-of-${has}`])];
        for (const authorization of credentials) {
          const { status, code } = await call(authorization);
          if (scope === 'any_key' || scope === has)
            assert.ok(![401, 403].includes(status), `${name} with ${has}: ${code}`);
          else assert.deepEqual({ status, code }, { status: 403, code: 'forbidden' }, `${name} with ${has}`);
        }
      }
    }
  });

  it('is answered 503 to a JWT while the issuer’s keys cannot be had, and not let through', async (t) => {
    const issuer = await startIssuer(t);
    const token = await issuer.sign({ scope: SCOPES.join(' ') });
    issuer.stop();
    const { jwksUrl } = issuer;
    const jwt = createJwtVerifier({ jwksUrl, issuer: ISSUER, audience: AUDIENCE, now: () => NOON });
    const service = await startService(t, { access: anyOf(access, jwt) });
    for (const { method, path, scope } of await operationsOf(
      await service.get('/openapi.json', 'key-of-predict'),
    )) {
      if (scope === 'open') continue;
      const url = service.url + path.replace('{id}', 'none');
      const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
      assert.equal(response.headers.get('retry-after'), '5');
      await expectProblem(response, 'jwks_unavailable', 503);
    }
  });
});

describe('a service with keys', () => {
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

  it('puts the subject of a JWT on them in a way that no key’s id can have', async (t) => {
    const issuer = await startIssuer(t);
    const { jwksUrl } = issuer;
    const jwt = createJwtVerifier({ jwksUrl, issuer: ISSUER, audience: AUDIENCE, now: () => NOON });
    const service = await startService(t, { access: jwt });
    const token = await issuer.sign({ sub: 'review', scope: 'predict review' });
    await service.post('/v1/predictions', await grayPng(128), 'image/png', token);
    const [item] = (await (await service.postJson('/v1/reviews/claim', {}, token)).json()) as {
      reviewer: string;
    }[];
    assert.equal(item!.reviewer, 'jwt:review');
    assert.equal(service.logged.at(-1)!.key, 'jwt:review');
    assert.ok(!JSON.stringify(service.logged).includes(token.slice(0, 20)));
  });

  it('logs where a refused credential came from, and of nobody else', async (t) => {
    const service = await startService(t, { access });
    await service.get('/v1/model', 'guess');
    await service.get('/v1/model', 'key-of-predict');
    const [refused, known] = service.logged;
    assert.deepEqual([refused!.status, refused!.key, refused!.address], [401, null, '127.0.0.1']);
    assert.deepEqual([known!.status, known!.key, 'address' in known!], [200, 'predict', false]);
    assert.ok(!JSON.stringify(service.logged).includes('guess'));
  });
});
