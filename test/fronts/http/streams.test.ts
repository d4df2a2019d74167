import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sealAndRead } from '../../../support/store-fixture.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import type { LeadItem, ReviewItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Service, startService } from './service.ts';

const dark = await grayPng(0);
const unclear = await grayPng(128);

const formOf = (images: number, ...streams: readonly string[]): FormData => {
  const form = new FormData();
  for (const stream of streams) form.append('stream', stream);
  for (let i = 0; i < images; i++) form.append('image', new Blob([new Uint8Array(unclear)]), 'a.png');
  return form;
};

const jsonOf = (stream: string) => JSON.stringify({ image: unclear.toString('base64'), stream });

const streamOf = async (answered: Response): Promise<string | null> =>
  (await bodyOf<Answer>(answered)).stream;

const sent = ({ post }: Service, query: string, key?: string): Promise<Response> =>
  post(`/v1/predictions${query}`, unclear, 'image/png', key);

describe('the stream of an image', () => {
  it('is named in the query, in JSON or in a form, and shown wherever the prediction is', async (t) => {
    const service = await startService(t);
    const path = '/v1/predictions';
    assert.equal(await streamOf(await sent(service, '')), null);
    assert.equal(await streamOf(await sent(service, '?stream=Kamera%20%C3%A4')), 'Kamera ä');
    assert.equal(await streamOf(await service.post(path, jsonOf('site-1'), 'application/json')), 'site-1');
    assert.equal(await streamOf(await service.post(path, formOf(1, 'site-2'))), 'site-2');
    const both = await service.post(`${path}?stream=site-3`, formOf(2, 'site-3'));
    const { predictions } = await bodyOf<{ predictions: Answer[] }>(both);
    assert.deepEqual(
      predictions.map(({ stream }) => stream),
      ['site-3', 'site-3'],
    );
    const found = await service.get(`${path}/${predictions[1]!.id}`);
    assert.equal(await streamOf(found), 'site-3');
  });

  it('is refused, with nothing stored, where it is empty, too long or no text, or named twice', async (t) => {
    const service = await startService(t);
    const path = '/v1/predictions';
    const { post } = service;
    for (const stream of ['', 'x'.repeat(65), 'a%00b']) {
      await expectProblem(await sent(service, `?stream=${stream}`), 'invalid_request', 400);
      const text = decodeURIComponent(stream);
      await expectProblem(await post(path, jsonOf(text), 'application/json'), 'invalid_request', 400);
      await expectProblem(await post(path, formOf(1, text)), 'invalid_request', 400);
    }
    const other = await post(`${path}?stream=a`, jsonOf('b'), 'application/json');
    const { detail } = await expectProblem(other, 'invalid_request', 400);
    assert.match(detail, /the query names "a" and the body "b"/);
    await expectProblem(await post(`${path}?stream=a`, formOf(1, 'b')), 'invalid_request', 400);
    await expectProblem(await post(path, formOf(1, 'a', 'a')), 'unexpected_part', 400);
    await expectProblem(await sent(service, '?stream=a&stream=b'), 'invalid_request', 400);
    assert.equal((await service.store.figures.statistics()).items.pending, 0);
  });

  it('leaves a form room for as many images as one without', async (t) => {
    const service = await startService(t);
    const sentAs = async (images: number) => service.post('/v1/predictions', formOf(images, 'site-1'));
    const { predictions } = await bodyOf<{ predictions: Answer[] }>(await sentAs(64));
    assert.equal(predictions.length, 64);
    await expectProblem(await sentAs(65), 'too_many_parts', 400);
  });

  it('belongs to what a request under a key asks for', async (t) => {
    const { url } = await startService(t);
    const send = (query: string) =>
      fetch(`${url}/v1/predictions${query}`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', 'idempotency-key': 'order-7' },
        body: new Uint8Array(unclear),
      });
    assert.equal(await streamOf(await send('?stream=a')), 'a');
    const again = await send('?stream=a');
    assert.deepEqual([again.headers.get('idempotency-replayed'), await streamOf(again)], ['true', 'a']);
    for (const query of ['', '?stream=b'])
      await expectProblem(await send(query), 'idempotency_key_reused', 422);
  });

  it('keeps the same image of another stream apart, and joins that of its own', async (t) => {
    const service = await startService(t, { joinSame: true });
    const itemOf = async (query: string) => (await bodyOf<Answer>(await sent(service, query))).review!.id;
    const items = [await itemOf('?stream=a'), await itemOf('?stream=b'), await itemOf('')];
    assert.equal(new Set(items).size, 3);
    assert.deepEqual([await itemOf('?stream=a'), await itemOf('?stream=b'), await itemOf('')], items);
  });

  it('is exported with the label', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions?stream=a', dark, 'image/png');
    await service.post('/v1/predictions', dark, 'image/png');
    assert.deepEqual(
      (await sealAndRead(service.store)).map(({ stream }) => stream),
      ['a', null],
    );
    const csv = await (await service.get('/v1/labels?format=csv')).text();
    const [head, first, second] = csv.split('\r\n').map((line) => line.split(','));
    const column = head!.indexOf('stream');
    assert.deepEqual([first![column], second![column]], ['a', '']);
    const [line] = (await (await service.get('/v1/labels')).text()).split('\n');
    assert.equal((JSON.parse(line!) as { stream: unknown }).stream, 'a');
  });

  it('is told to leads, who may list by it, and to no reviewer, whom it would tell of audits', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'admin']);
    const service = await startService(t, { access });
    for (const query of ['?stream=a', '?stream=b', '']) await sent(service, query, 'key-of-predict');
    const listed = async <Item>(query: string, key: string) =>
      (await bodyOf<{ items: Item[] }>(await service.get(`/v1/reviews${query}`, key))).items;
    const ofA = await listed<LeadItem>('?stream=a', 'key-of-review+admin');
    assert.deepEqual(
      ofA.map(({ stream }) => stream),
      ['a'],
    );
    const seen = await listed<ReviewItem>('', 'key-of-review');
    assert.equal(seen.length, 3);
    for (const item of seen) assert.ok(!('stream' in item));
    const claims = await service.postJson('/v1/reviews/claim', { limit: 9 }, 'key-of-review');
    for (const claim of await bodyOf<object[]>(claims)) assert.ok(!('stream' in claim));
    const one = await service.get(`/v1/reviews/${seen[0]!.id}`, 'key-of-review');
    assert.ok(!('stream' in (await bodyOf<object>(one))));
    await expectProblem(await service.get('/v1/reviews?stream=a', 'key-of-review'), 'forbidden', 403);
  });

  it('is a stratum of the audit where it is configured', async (t) => {
    const service = await startService(t, { auditRate: 0.1, streams: ['a'] });
    for (let i = 0; i < 40; i++)
      await service.post(`/v1/predictions?stream=${i % 2 === 0 ? 'a' : `site-${i}`}`, dark, 'image/png');
    await service.settleAudits();
    const { items } = await service.store.items.list({ order: 'newest', reason: 'audit', limit: 100 });
    const drawn = items.map(({ prediction }) => (prediction.stream === 'a' ? 'a' : 'other'));
    assert.deepEqual(drawn.sort(), ['a', 'a', 'other', 'other']);
  });
});
