import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectProblem } from './expect-problem.ts';
import { type Operation, operationsOf } from './operations.ts';
import { startService } from './service.ts';

/** Longest answer to a request that is refused, whatever it holds. */
const MOST_ANSWER = 4096;
/** Long enough to tell from what may be quoted, short enough for a line of HTTP. */
const JUNK = 'junk'.repeat(1500);
const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

const manyKeys = (count: number): string =>
  `{${Array.from({ length: count }, (_, i) => `"key${i}":0`).join(',')}}`;

/** Requests that hold junk, each in another place. */
function junkIn({ method, path }: Operation): [string, string, RequestInit][] {
  const whole = path.replaceAll(/\{\w+\}/g, ID);
  const bodies = ['POST', 'PUT'].includes(method)
    ? ([
        ['a value', 'application/json', JSON.stringify({ lease: JUNK, label: JUNK, to: JUNK, limit: JUNK })],
        ['a key', 'application/json', JSON.stringify({ [JUNK]: 1 })],
        ['many keys', 'application/json', manyKeys(1000)],
        ['keys beyond every bound', 'application/json', manyKeys(8000)],
        ['no JSON', 'application/json', JUNK],
        ['the media type', `application/${JUNK}`, 'x'],
        ['the charset', `application/json; charset=${JUNK}`, '{}'],
        ['the name of a part', 'multipart/form-data; boundary=b', part(JUNK)],
        ['the boundary', `multipart/form-data; boundary=${JUNK}`, 'x'],
      ] as const)
    : [];
  return [
    ...(path.includes('{') ? [['the path', path.replaceAll(/\{\w+\}/g, JUNK), { method }] as const] : []),
    ['a parameter’s name', `${whole}?${JUNK}=1`, { method }],
    ['a parameter', `${whole}?cursor=${JUNK}&limit=${JUNK}&format=${JUNK}&since=${JUNK}`, { method }],
    ['many parameters', `${whole}?${Array.from({ length: 900 }, (_, i) => `k${i}=1`).join('&')}`, { method }],
    ['the key', whole, { method, headers: { 'idempotency-key': `"${JUNK}"`, authorization: JUNK } }],
    ['the encoding', whole, { method, headers: { 'content-encoding': JUNK } }],
    ...bodies.map(
      ([what, type, body]) =>
        [what, whole, { method, headers: { 'content-type': type }, body }] as [string, string, RequestInit],
    ),
  ].map(([what, url, init]) => [what, url, init] as [string, string, RequestInit]);
}

const part = (name: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.png"\r\n\r\nx\r\n--b--\r\n`;

describe('a request full of junk', () => {
  it('is refused by every operation in a few kB that do not hold it', async (t) => {
    const service = await startService(t);
    for (const operation of await operationsOf(await service.get('/openapi.json'))) {
      for (const [what, path, init] of junkIn(operation)) {
        const response = await fetch(service.url + path, init);
        const text = await response.text();
        if (response.ok) continue;
        const where = `${operation.operationId}, junk in ${what}: ${response.status}`;
        assert.ok(text.length <= MOST_ANSWER, `${where} with ${text.length} characters`);
        assert.ok(!text.includes(JUNK), where);
      }
    }
  });

  it('of more than a route needs is refused with 413, before it is read', async (t) => {
    const service = await startService(t);
    const { status } = await service.post('/v1/reviews/claim', manyKeys(2000), 'application/json');
    assert.equal(status, 413);
    const image = await service.post('/v1/predictions', manyKeys(5000), 'application/json');
    const { code } = (await image.json()) as { code: string };
    assert.equal(code, 'bad_json');
  });

  // Each is JSON, so that whoever parses it before looking would find fault with something else.
  const deep = (open: string, close: string): string => open.repeat(9000) + '0' + close.repeat(9000);
  for (const [what, body] of [
    ['arrays in arrays', deep('[', ']')],
    ['objects in objects', deep('{"a":', '}')],
    ['arrays beside the image', `{"image":"","a":${deep('[', ']')}}`],
    ['members', manyKeys(8000)],
    ['elements', `[${'0,'.repeat(20_000)}0]`],
    ['empty arrays', `[${'[],'.repeat(10_000)}0]`],
  ] as const) {
    it(`of many ${what} is refused before any of them is made`, async (t) => {
      const service = await startService(t);
      const answer = await service.post('/v1/predictions', body, 'application/json');
      const { detail } = await expectProblem(answer, 'bad_json', 400);
      assert.match(detail, /Expected an object with one image in base64; got many members/);
    });
  }

  it('that has no end is refused as quickly, however deep it goes', async (t) => {
    const limits = { maxBodyBytes: 20_000_000, maxInflightBytes: 20_000_000, maxDownloadBytes: 1e8 };
    const service = await startService(t, { limits: { ...limits, maxParts: 1, maxDeadlineMs: 1000 } });
    for (const body of ['['.repeat(19_000_000), '{"a":'.repeat(3_900_000)]) {
      const answer = await service.post('/v1/predictions', body, 'application/json');
      const { detail } = await expectProblem(answer, 'bad_json', 400);
      assert.match(detail, /got many members/);
    }
  });

  it('beside an image is refused by its name, however long its text', async (t) => {
    const service = await startService(t);
    const body = JSON.stringify({ image: '', [JUNK]: 'x'.repeat(50_000) });
    const answer = await service.post('/v1/predictions', body, 'application/json');
    const text = await answer.text();
    assert.equal(answer.status, 400);
    assert.ok(text.length < MOST_ANSWER && !text.includes(JUNK), text);
  });

  it('that is wrong in many places has the first of them named, and the others counted', async (t) => {
    const service = await startService(t);
    const body = `{"image": {}, ${manyKeys(100).slice(1)}`;
    const { errors } = (await (await service.post('/v1/predictions', body, 'application/json')).json()) as {
      errors: { message: string }[];
    };
    assert.ok(errors.length >= 1 && errors.length <= 8);
    for (const { message } of errors) assert.ok(message.length <= 200);
  });
});
