import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { sealAndRead } from '../../../support/store-fixture.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { haltEngine } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Changes, type Service, startService } from './service.ts';

const dark = await grayPng(0);
const unclear = await grayPng(128);
const others = [await grayPng(127), await grayPng(126), await grayPng(125)];

const start = (t: TestContext, changes: Changes = {}): Promise<Service> =>
  startService(t, { joinSame: true, ...changes });

const form = (...images: readonly Buffer[]): FormData => {
  const data = new FormData();
  for (const image of images) data.append('image', new Blob([new Uint8Array(image)]), 'a.png');
  return data;
};

async function send({ post }: Service, image: Buffer, query = '', key?: string): Promise<Answer> {
  return bodyOf<Answer>(await post(`/v1/predictions${query}`, image, 'image/png', key));
}

const waiting = async ({ store }: Service): Promise<number> =>
  (await store.figures.statistics()).items.pending;

/** Claims the one item that waits and labels it. */
async function label(service: Service, key?: string): Promise<void> {
  const claims = await bodyOf<{ id: string; lease: string }[]>(
    await service.postJson('/v1/reviews/claim', { limit: 10 }, key),
  );
  assert.equal(claims.length, 1);
  const [{ id, lease }] = claims as [{ id: string; lease: string }];
  assert.equal(
    (await service.putJson(`/v1/reviews/${id}/label`, { label: 'light', lease }, key)).status,
    204,
  );
}

describe('an image that waits for a person already', () => {
  it('has the same item again, and each answer the label once it is given', async (t) => {
    const service = await start(t);
    const first = await service.post('/v1/predictions', unclear, 'image/png');
    const again = await service.post('/v1/predictions', unclear, 'image/png');
    assert.deepEqual([first.status, again.status], [202, 202]);
    const [one, other] = [await bodyOf<Answer>(first), await bodyOf<Answer>(again)];
    assert.notEqual(one.id, other.id);
    assert.deepEqual(other.review, one.review);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(await waiting(service), 1);
    await label(service);
    for (const { id } of [one, other]) {
      const answer = await bodyOf<Answer>(await service.get(`/v1/predictions/${id}`));
      assert.deepEqual([answer.label, answer.review?.id], ['light', one.id]);
    }
    assert.equal((await sealAndRead(service.store)).length, 2);
  });

  it('is one item in a form that has it twice, and in another’s request', async (t) => {
    const service = await start(t, { access: keysOf(['predict'], ['predict', 'admin']) });
    const sent = await service.post(
      '/v1/predictions',
      form(unclear, dark, unclear),
      undefined,
      'key-of-predict',
    );
    const { predictions } = await bodyOf<{ predictions: Answer[] }>(sent);
    const items = predictions.map(({ review }) => review?.id);
    assert.deepEqual(items, [predictions[0]!.id, undefined, predictions[0]!.id]);
    const other = await send(service, unclear, '', 'key-of-predict+admin');
    assert.equal(other.review?.id, items[0]);
  });

  it('has the same item where a request under a key is sent again', async (t) => {
    const service = await start(t);
    const { id } = await send(service, unclear);
    const keyed = () =>
      fetch(`${service.url}/v1/predictions`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', 'idempotency-key': 'order-7' },
        body: new Uint8Array(unclear),
      });
    const [first, again] = [await keyed(), await keyed()];
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    for (const response of [first, again]) {
      assert.equal(response.headers.get('location'), `/v1/reviews/${id}`);
      assert.equal((await bodyOf<Answer>(response)).review?.id, id);
    }
    assert.equal(await waiting(service), 1);
  });

  it('is the same in another file of the same pixels, and with other metadata', async (t) => {
    const service = await start(t);
    // Of the model's own size, one pixel.
    const small = (): Sharp => sharp({ create: { width: 1, height: 1, channels: 3, background: '#808080' } });
    const files = [
      await small().png().toBuffer(),
      await small().png({ progressive: true }).toBuffer(),
      await small().toColourspace('b-w').png().toBuffer(),
      await small().webp({ lossless: true }).toBuffer(),
    ];
    assert.equal(new Set(files.map((file) => file.toString('hex'))).size, files.length);
    const large = await grayPng(128, 64);
    const described = await sharp(large)
      .withExif({ IFD0: { ImageDescription: 'at home' } })
      .png()
      .toBuffer();
    const items = new Set<string>();
    for (const file of files) items.add((await send(service, file)).review!.id);
    assert.equal(items.size, 1);
    for (const file of [large, described, Buffer.concat([large, Buffer.alloc(1000)])])
      items.add((await send(service, file)).review!.id);
    assert.equal(items.size, 2);
  });

  it('is another where people would see something else that comes to the same few pixels', async (t) => {
    const service = await start(t);
    const items = new Set<string>();
    for (const size of [1, 4, 64]) items.add((await send(service, await grayPng(128, size))).review!.id);
    assert.equal(items.size, 3);
  });

  it('is another where it waits for another reason: a caller in a hurry has its own', async (t) => {
    const service = await start(t);
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const hurried = await send(service, unclear, '?deadline_ms=20');
    assert.deepEqual(hurried.reasons, ['over_budget']);
    goOn();
    const answer = await send(service, unclear);
    assert.deepEqual(answer.reasons, ['sensitive']);
    assert.notEqual(answer.review?.id, hurried.review?.id);
    const claims = await bodyOf<{ id: string }[]>(await service.postJson('/v1/reviews/claim', { limit: 10 }));
    assert.deepEqual(
      claims.map(({ id }) => id),
      [answer.id, hurried.id],
    );
  });

  it('tells reviewers nothing of who else sent it, or when', async (t) => {
    const service = await start(t);
    const { id } = await send(service, unclear);
    const item = async () => bodyOf(await service.get(`/v1/reviews/${id}`));
    const before = await item();
    service.clock.ms += 60_000;
    await send(service, unclear);
    assert.deepEqual(await item(), before);
  });

  it('keeps its item, with its image, when one of its predictions is forgotten', async (t) => {
    const service = await start(t);
    const [one, other] = [await send(service, unclear), await send(service, unclear)];
    const forget = (id: string) => fetch(`${service.url}/v1/predictions/${id}`, { method: 'DELETE' });
    assert.equal((await forget(one.id)).status, 204);
    await expectProblem(await service.get(`/v1/predictions/${one.id}`), 'prediction_forgotten', 410);
    const href = `/v1/reviews/${one.review!.id}`;
    const image = await service.get(`${href}/image`);
    assert.deepEqual(Buffer.from(await image.arrayBuffer()), unclear);
    assert.equal((await service.get(`${href}/sensitivity.png`)).status, 200);
    await label(service);
    assert.equal((await bodyOf<Answer>(await service.get(`/v1/predictions/${other.id}`))).label, 'light');
    assert.equal((await forget(other.id)).status, 204);
    await expectProblem(await service.get(href), 'unknown_item', 404);
  });

  it('has an item for each time it is sent where the setting says so', async (t) => {
    const service = await start(t, { joinSame: false });
    await service.post('/v1/predictions', form(unclear, unclear));
    await send(service, unclear);
    assert.equal(await waiting(service), 3);
  });
});

describe('a caller whose images fill the queue', () => {
  const atMost = (t: TestContext, maxOpenItems: number, changes: Changes = {}): Promise<Service> =>
    start(t, {
      openStore: (now, overlaps) => openSqliteStore({ file: ':memory:', overlaps, now, maxOpenItems }),
      ...changes,
    });
  it('is refused with 429, told what to do, and nothing is stored', async (t) => {
    const service = await atMost(t, 1);
    await send(service, unclear);
    const refused = await service.post('/v1/predictions', others[0]!, 'image/png');
    assert.equal(refused.headers.get('retry-after'), '60');
    const { detail } = await expectProblem(refused, 'too_many_open_items', 429);
    assert.match(detail, /"local" has 1 images that wait for people/);
    assert.equal(await waiting(service), 1);
  });

  it('is answered what the machine may label, and what waits already', async (t) => {
    const service = await atMost(t, 1);
    await send(service, unclear);
    assert.equal((await send(service, dark)).label, 'dark');
    assert.equal((await service.post('/v1/predictions', form(dark, unclear, unclear))).status, 202);
  });

  it('has a form recorded whole or not at all, and its key is free then', async (t) => {
    const service = await atMost(t, 2);
    const images = [dark, unclear, ...others];
    const keyed = (...sent: readonly Buffer[]) =>
      fetch(`${service.url}/v1/predictions`, {
        method: 'POST',
        headers: { 'idempotency-key': 'order-7' },
        body: form(...sent),
      });
    await expectProblem(await service.post('/v1/predictions', form(...images)), 'too_many_open_items', 429);
    await expectProblem(await keyed(...images), 'too_many_open_items', 429);
    assert.equal(await waiting(service), 0);
    assert.deepEqual(await sealAndRead(service.store), []);
    assert.equal((await keyed(...images.slice(0, 3))).status, 202);
  });

  it('takes nothing from other callers', async (t) => {
    const service = await atMost(t, 1, { access: keysOf(['predict'], ['predict', 'review', 'admin']) });
    await send(service, unclear, '', 'key-of-predict');
    await expectProblem(
      await service.post('/v1/predictions', others[0]!, 'image/png', 'key-of-predict'),
      'too_many_open_items',
      429,
    );
    assert.equal((await send(service, others[0]!, '', 'key-of-predict+review+admin')).decision, 'review');
  });

  it('is served again when people have labelled', async (t) => {
    const service = await atMost(t, 1);
    await send(service, unclear);
    await label(service);
    assert.equal((await send(service, others[0]!)).decision, 'review');
  });
});
