import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { anyServer } from '../../../support/postgres-server.ts';
import type { Overlaps } from '../../../src/store/opinions.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { grayPng } from './dark-or-light.ts';
import { type JsonSchema, type OpenApi, type Operation, operationsOf } from './operations.ts';
import { bodyOf, type Service, startService } from './service.ts';

const server = await anyServer();
after(() => server.stop());

type OpenStore = (t: TestContext) => (now: () => number, overlaps: Overlaps) => Promise<Store>;

const DATABASES: Readonly<Record<string, OpenStore>> = {
  SQLite: () => (now, overlaps) => openSqliteStore({ file: ':memory:', overlaps, now }),
  PostgreSQL: (t) => async (now, overlaps) => {
    const { url, drop } = await server.createSchema();
    t.after(drop);
    return openPostgresStore({ url, poolSize: 2, overlaps, now });
  },
};

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Cursors that are well formed but for one of their texts. */
const CURSORS = ['\0', 'a\0', '\ud800', 'x\udc00'].flatMap((bad) => [
  base64url(['newest', 0, 0, bad]),
  base64url(['most_sensitive', 1, 0, bad]),
  base64url([bad, 0, 0, 'id']),
  base64url(['trail', bad, 0, 0]),
  base64url([bad, 0, 0, 0]),
]);

/** What no database must ever see; a lone surrogate has no form in a URL, only in JSON. */
const IN_URL = ['\0', 'dark\0', '\0dark'];
const IN_JSON = [...IN_URL, '\ud800', 'dark\udfff', '\udc00\ud800'];

/** A request with one text in it that is to be looked at. */
interface Attempt {
  readonly place: string;
  readonly path: string;
  readonly init: RequestInit;
}

/** Values with which a request is as it should be. */
const GOOD: Readonly<Record<string, unknown>> = {
  lease: 'of-nobody',
  label: 'dark',
  to: 'anna',
  threshold: 0.5,
  image: 'AAAA',
  note: 'blurred',
};

function resolved(schema: JsonSchema, { components }: OpenApi): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolved(components.schemas[name]!, { components } as OpenApi);
}

/** Whether free text may stand there: a string that is not one of a few. */
function takesText(schema: JsonSchema, document: OpenApi): boolean {
  const { type, enum: few, anyOf = [] } = resolved(schema, document);
  if (few !== undefined) return false;
  return [type].flat().includes('string') || anyOf.some((one) => takesText(one, document));
}

/** All requests of an operation that have one hostile text in one of its places. */
function attemptsAt(operation: Operation, document: OpenApi, id: string): Attempt[] {
  const { method, path, parameters = [], requestBody } = operation;
  const withId = path.replace('{id}', id);
  const json = requestBody?.content['application/json']?.schema;
  const members = json === undefined ? {} : (resolved(json, document).properties ?? {});
  const needed = Object.fromEntries(
    Object.keys(members).flatMap((name) => (name in GOOD ? [[name, GOOD[name]]] : [])),
  );
  const withBody = (body: object): RequestInit =>
    json === undefined
      ? { method }
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const queries = parameters
    .filter((one) => one.in === 'query' && takesText(one.schema, document))
    .flatMap(({ name }) =>
      (name === 'cursor' ? [...IN_URL, ...CURSORS] : IN_URL).map((text) => ({
        place: `?${name}`,
        path: `${withId}?${new URLSearchParams({ [name]: text }).toString()}`,
        init: withBody(needed),
      })),
    );
  const paths = parameters
    .filter((one) => one.in === 'path')
    .flatMap(({ name }) =>
      IN_URL.map((text) => ({
        place: `{${name}}`,
        path: path.replace(`{${name}}`, encodeURIComponent(text)),
        init: withBody(needed),
      })),
    );
  const bodies = Object.entries(members)
    .filter(([, schema]) => takesText(schema, document))
    .flatMap(([name]) =>
      IN_JSON.map((text) => ({ place: name, path: withId, init: withBody({ ...needed, [name]: text }) })),
    );
  return [...queries, ...paths, ...bodies].map((attempt) => ({
    ...attempt,
    place: `${method} ${path} ${attempt.place}`,
  }));
}

/** The id of an item that waits for a person. */
async function waitingItem(service: Service): Promise<string> {
  const answer = await service.post('/v1/predictions', await grayPng(128), 'image/png');
  return (await bodyOf<{ id: string }>(answer)).id;
}

for (const [name, open] of Object.entries(DATABASES)) {
  describe(`text from outside, over ${name}`, () => {
    it('is refused by every operation wherever no database could take it', async (t) => {
      const service = await startService(t, { openStore: open(t) });
      const id = await waitingItem(service);
      const document = await bodyOf<OpenApi>(await service.get('/openapi.json'));
      const operations = await operationsOf(await service.get('/openapi.json'));
      const attempts = operations.flatMap((operation) => attemptsAt(operation, document, id));
      const places = new Set(attempts.map(({ place }) => place));
      for (const known of [
        'GET /v1/audit-trail ?who',
        'GET /v1/audit-trail ?cursor',
        'GET /v1/reviews ?label',
        'GET /v1/reviews ?cursor',
        'GET /v1/labels ?since',
        'GET /v1/reviews/{id} {id}',
        'PUT /v1/reviews/{id}/label note',
        'PUT /v1/reviews/{id}/label label',
        'POST /v1/reviews/{id}/renew lease',
        'POST /v1/reviews/{id}/reassign to',
      ])
        assert.ok(places.has(known), `${known} is not among what is tried`);

      const taken: string[] = [];
      for (const { place, path, init } of attempts) {
        const { status } = await fetch(service.url + path, init);
        if (status < 400 || status >= 500)
          taken.push(`${place}: ${status} to ${path} ${JSON.stringify(init.body)}`);
      }
      assert.deepEqual(taken, []);
    });

    it('is answered where a cursor names a place that no page has', async (t) => {
      const service = await startService(t, { openStore: open(t) });
      const far = [
        0,
        -1,
        1e308,
        -1e308,
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
        2 ** 63,
        5e-324,
        0.5,
      ];
      const paths = far.flatMap((number) => [
        `/v1/reviews?cursor=${base64url(['newest', number, 0, 'id'])}`,
        `/v1/reviews?cursor=${base64url(['newest', 0, number, 'id'])}`,
        `/v1/reviews?order=most_sensitive&cursor=${base64url(['most_sensitive', number, 0, 'id'])}`,
        `/v1/audit-trail?cursor=${base64url(['trail', number, 0, 0])}`,
        `/v1/audit-trail?cursor=${base64url(['trail', 0, number, number])}`,
        `/v1/labels?since=${number}`,
      ]);
      for (const path of paths) {
        const { status } = await service.get(path);
        assert.ok(status === 200 || status === 400, `${path}: ${status}`);
      }
    });

    it('is taken as it is where it is only unusual', async (t) => {
      const service = await startService(t, { openStore: open(t) });
      const note = 'Ångström 😀 \u200d \ufeff \uffff \u0001 \n שלום';
      await waitingItem(service);
      const [item] = await bodyOf<{ id: string; lease: string }[]>(
        await service.postJson('/v1/reviews/claim', {}),
      );
      const { id, lease } = item!;
      const answer = await service.putJson(`/v1/reviews/${id}/label`, { label: 'dark', lease, note });
      assert.equal(answer.status, 204);
      const stored = await bodyOf<{ note: string }>(await service.get(`/v1/reviews/${id}`));
      assert.equal(stored.note, note);
    });
  });
}
