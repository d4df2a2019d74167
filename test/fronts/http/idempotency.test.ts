import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { sealAndRead } from '../../../support/store-fixture.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { haltEngine, untilOpen } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Service, startService } from './service.ts';

const dark = await grayPng(0);
const unclear = await grayPng(128);

interface Sent {
  readonly images?: readonly Buffer[];
  readonly query?: string;
  readonly key?: string;
  readonly type?: string;
}

/** Posts under an Idempotency-Key: one image as the body, several as a form. */
function send(service: Service, idempotencyKey: string, sent: Sent = {}): Promise<Response> {
  const { images = [dark], query = '', key, type = 'image/png' } = sent;
  const headers = new Headers({ 'idempotency-key': idempotencyKey });
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  let body: FormData | Uint8Array<ArrayBuffer> | string = new Uint8Array(images[0]!);
  if (images.length > 1) {
    body = new FormData();
    for (const image of images) body.append('image', new Blob([new Uint8Array(image)]), 'a.png');
  } else if (type === 'application/json') {
    body = JSON.stringify({ image: images[0]!.toString('base64') });
  }
  if (images.length === 1) headers.set('content-type', type);
  return fetch(`${service.url}/v1/predictions${query}`, { method: 'POST', headers, body });
}

/** How many answers are stored, automatic ones too. */
async function stored({ store }: Service): Promise<number> {
  const { items } = await store.figures.statistics();
  return items.pending + (await sealAndRead(store)).length;
}

describe('a request with an Idempotency-Key that is sent again', () => {
  for (const [what, image, status] of [
    ['automatic', dark, 200],
    ['for review', unclear, 202],
  ] as const) {
    it(`has the answer that it had, ${what}, and is recorded once`, async (t) => {
      const service = await startService(t);
      const first = await send(service, 'a', { images: [image] });
      const again = await send(service, 'a', { images: [image] });
      assert.deepEqual([first.status, again.status], [status, status]);
      assert.equal(first.headers.get('idempotency-replayed'), null);
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      const { timing_ms, ...answer } = await bodyOf<Answer>(first);
      assert.ok(timing_ms);
      assert.deepEqual(await bodyOf<Answer>(again), answer);
      assert.equal(await stored(service), 1);
    });
  }

  it('has the answers of all its images in their order', async (t) => {
    const service = await startService(t);
    const images = [unclear, dark, await grayPng(255)];
    const ids = async (): Promise<string[]> => {
      const { predictions } = await bodyOf<{ predictions: Answer[] }>(await send(service, 'a', { images }));
      return predictions.map(({ id }) => id);
    };
    assert.deepEqual(await ids(), await ids());
    assert.equal(await stored(service), 3);
  });

  it('may send the same image in another kind of body, and its key with or without quotes', async (t) => {
    const service = await startService(t);
    const { id } = await bodyOf<Answer>(await send(service, 'a-1'));
    for (const type of ['application/json', 'image/webp']) {
      const again = await send(service, '"a-1"', { type });
      assert.equal((await bodyOf<Answer>(again)).id, id);
    }
  });

  it('has the answer of the first time also when a person has labelled it meanwhile', async (t) => {
    const service = await startService(t);
    const first = await bodyOf<Answer>(await send(service, 'a', { images: [unclear] }));
    const [claim] = await bodyOf<{ lease: string }[]>(
      await service.postJson('/v1/reviews/claim', { limit: 1 }),
    );
    await service.putJson(`/v1/reviews/${first.id}/label`, { label: 'dark', lease: claim!.lease });
    const again = await send(service, 'a', { images: [unclear] });
    assert.equal(again.status, 202);
    assert.deepEqual([(await bodyOf<Answer>(again)).label, first.label], [null, null]);
  });

  it('is another request to another caller', async (t) => {
    const access = keysOf(['predict'], ['predict', 'admin']);
    const service = await startService(t, { access });
    const one = await bodyOf<Answer>(await send(service, 'a', { key: 'key-of-predict' }));
    const other = await send(service, 'a', { key: 'key-of-predict+admin', images: [unclear] });
    assert.equal(other.status, 202);
    assert.notEqual((await bodyOf<Answer>(other)).id, one.id);
  });

  it('is a new request a day later', async (t) => {
    const service = await startService(t);
    const first = await bodyOf<Answer>(await send(service, 'a'));
    service.clock.ms += 24 * 3600 * 1000;
    assert.notEqual((await bodyOf<Answer>(await send(service, 'a'))).id, first.id);
  });
});

describe('an Idempotency-Key', () => {
  for (const [what, sent] of [
    ['another image', { images: [unclear] }],
    ['the image twice', { images: [dark, dark] }],
    ['another method', { query: '?method=exact' }],
    ['another deadline', { query: '?deadline_ms=5000' }],
    ['transforms', { query: '?transforms=true' }],
  ] as const) {
    it(`is refused with ${what}, and nothing more is recorded`, async (t) => {
      const service = await startService(t);
      await send(service, 'a');
      await expectProblem(await send(service, 'a', sent), 'idempotency_key_reused', 422);
      assert.equal(await stored(service), 1);
    });
  }

  for (const key of ['""', '"', 'two words', 'a, b', '"half', 'x'.repeat(256), 'naïve']) {
    it(`is none where it is ${JSON.stringify(key.slice(0, 20))}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await send(service, key), 'invalid_request', 400);
    });
  }

  it('stays free where the request is refused', async (t) => {
    const service = await startService(t);
    await expectProblem(
      await send(service, 'a', { images: [Buffer.alloc(9, 7)] }),
      'unsupported_image_type',
      415,
    );
    assert.equal((await send(service, 'a')).status, 200);
  });
});

describe('two requests at once with one Idempotency-Key', () => {
  const halted = async (t: TestContext): Promise<{ service: Service; goOn: () => void }> => {
    const service = await startService(t);
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    return { service, goOn };
  };

  it('are one: the second is told to come again, and then has the answer', async (t) => {
    const { service, goOn } = await halted(t);
    const first = send(service, 'a');
    await untilOpen(service.engine, 1);
    const second = await send(service, 'a');
    assert.equal(second.headers.get('retry-after'), '1');
    await expectProblem(second, 'idempotency_key_in_use', 409);
    goOn();
    const { id } = await bodyOf<Answer>(await first);
    assert.equal((await bodyOf<Answer>(await send(service, 'a'))).id, id);
    assert.equal(await stored(service), 1);
  });

  it('have the first one’s answer also where its caller hung up', async (t) => {
    const { service, goOn } = await halted(t);
    const controller = new AbortController();
    const call = fetch(`${service.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'image/png', 'idempotency-key': 'a' },
      body: new Uint8Array(dark),
      signal: controller.signal,
    });
    await untilOpen(service.engine, 1);
    controller.abort();
    await assert.rejects(call);
    goOn();
    // The work went on, and its answer waits for the caller.
    for (;;) {
      const response = await send(service, 'a');
      if (response.status === 409) continue;
      assert.equal(response.headers.get('idempotency-replayed'), 'true');
      break;
    }
    assert.equal(await stored(service), 1);
  });
});
