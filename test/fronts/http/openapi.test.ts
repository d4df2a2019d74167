import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import packageJson from '../../../package.json' with { type: 'json' };
import { PROBLEMS } from '../../../src/wire/problems.ts';
import { operationsOf, type OpenApi } from './operations.ts';
import { type Service, startService } from './service.ts';

const documentOf = async (service: Service): Promise<OpenApi> =>
  (await (await service.get('/openapi.json')).json()) as OpenApi;

/** Routes as Express knows them, in the notation of OpenAPI. */
function servedBy({ app }: Service): string[] {
  return app.router.stack.flatMap(({ route }) => {
    if (!route) return [];
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const methods = new Set(route.stack.map(({ method }) => method).filter((method) => method));
    return [...methods].map((method) => `${method} ${path}`);
  });
}

/** All values under the name `$ref`, at any depth. */
function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === '$ref' ? [inner as string] : referencesIn(inner),
  );
}

describe('GET /openapi.json', () => {
  it('describes every route that is served, and no other', async (t) => {
    const service = await startService(t);
    const { paths } = await documentOf(service);
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    assert.deepEqual(servedBy(service).sort(), described.sort());
    assert.ok(described.includes('post /v1/predictions'));
  });

  it('is OpenAPI 3.1 of this version', async (t) => {
    const document = await documentOf(await startService(t));
    assert.match(document.openapi, /^3\.1\./);
    assert.equal(document.info.version, packageJson.version);
  });

  it('refers to nothing that it does not hold', async (t) => {
    const document = await documentOf(await startService(t));
    const references = new Set(referencesIn(document));
    assert.ok(references.size > 5);
    for (const reference of references) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
      assert.ok(name !== undefined && name in document.components.schemas, reference);
    }
  });

  it('gives every operation its own id', async (t) => {
    const service = await startService(t);
    const ids = (await operationsOf(await service.get('/openapi.json'))).map(
      ({ operationId }) => operationId,
    );
    assert.equal(new Set(ids).size, ids.length);
  });

  it('declares what stands in braces in a path, and nothing else, as a path parameter', async (t) => {
    const service = await startService(t);
    for (const { path, parameters = [] } of await operationsOf(await service.get('/openapi.json'))) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        declared.map(({ name }) => name),
        inPath,
        path,
      );
      assert.ok(
        declared.every(({ required }) => required),
        path,
      );
    }
  });

  it('names every code that a caller can get, under its status', async (t) => {
    const service = await startService(t);
    const described = new Set<string>();
    for (const { responses } of await operationsOf(await service.get('/openapi.json'))) {
      for (const [status, { description }] of Object.entries(responses)) {
        for (const [, code] of description.matchAll(/^`(\w+)`:/gm)) {
          assert.equal(String(PROBLEMS[code as keyof typeof PROBLEMS].status), status);
          described.add(code!);
        }
      }
    }
    // These belong to no operation, or never get out.
    const elsewhere = [
      'method_not_allowed',
      'malformed_http',
      'headers_too_large',
      'duplicate_id',
      'newer_database',
      'unsuitable_database',
    ];
    const missing = Object.keys(PROBLEMS).filter((code) => !described.has(code) && !elsewhere.includes(code));
    assert.deepEqual(missing, []);
  });
});
