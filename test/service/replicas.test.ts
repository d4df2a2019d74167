import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import { endServices, newDataDir, post, samples, type Service, startService } from '../commands/service.ts';

interface Item {
  readonly id: string;
  readonly lease: string;
}

let server: OwnServer;
before(async () => {
  server = await ownServer();
});
after(async () => {
  endServices();
  await server.stop();
});

/** Starts replicas over one empty queue, of which every image goes to review. */
async function replicas(count: number): Promise<Service[]> {
  const { url: DATABASE_URL } = await server.createSchema();
  const environment = { DATABASE_URL, GATE_FILE: '/nowhere/gate.json', DATA_DIR: await newDataDir() };
  return Promise.all(Array.from({ length: count }, () => startService(environment)));
}

const send = (service: Service, method: string, path: string, body: unknown): Promise<Response> =>
  fetch(service.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const claim = async (service: Service, limit: number): Promise<Item[]> =>
  (await (await send(service, 'POST', '/v1/reviews/claim', { limit })).json()) as Item[];

const label = (service: Service, { id, lease }: Item): Promise<Response> =>
  send(service, 'PUT', `/v1/reviews/${id}/label`, { label: 'Bag', lease });

describe('replicas over one PostgreSQL', () => {
  it('start at the same moment and share one queue', async () => {
    const [first, second] = (await replicas(2)) as [Service, Service];
    const images = await samples(1);
    const answers = await Promise.all(images.map(({ bytes }, i) => post(i % 2 ? first : second, bytes)));
    const claims = (await Promise.all([claim(first, 5), claim(second, 5), claim(first, 5)])).flat();
    assert.deepEqual(claims.map(({ id }) => id).sort(), answers.map(({ body }) => body.id).sort());
    // The lease that one gave is good with the other.
    assert.equal((await label(second, claims[0]!)).status, 204);
  });

  it('make one item of an image that twenty send to them at once', async () => {
    const both = (await replicas(2)) as [Service, Service];
    const [{ bytes } = { bytes: Buffer.alloc(0) }] = await samples(1);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(both[i % 2]!, bytes)));
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 20);
    const items = await claim(both[0], 10);
    assert.equal(items.length, 1);
    for (const { body } of answers) assert.equal(body.review?.href, `/v1/reviews/${items[0]!.id}`);
    assert.equal((await label(both[1], items[0]!)).status, 204);
    for (const { body } of answers) {
      const answer = await fetch(`${both[0].url}/v1/predictions/${body.id}`);
      assert.equal(((await answer.json()) as { label: string }).label, 'Bag');
    }
  });

  it('lose nothing that was answered when one of them is killed', async () => {
    const [first, second] = (await replicas(2)) as [Service, Service];
    const images = await samples(2);
    const answered: string[] = [];
    await Promise.allSettled(
      images.map(async ({ bytes }) => {
        answered.push((await post(first, bytes)).body.id);
        if (answered.length === 5) first.kill('SIGKILL');
      }),
    );
    const ids = (await claim(second, 100)).map(({ id }) => id);
    for (const id of answered) assert.ok(ids.includes(id), `${id} is lost`);
  });

  it('answer 503 while PostgreSQL is away, and go on by themselves when it is back', async () => {
    const [service] = (await replicas(1)) as [Service];
    const [image] = await samples(1);
    const { body } = await post(service, image!.bytes);
    const [item] = await claim(service, 1);
    assert.equal((await label(service, item!)).status, 204);
    await server.kill();
    const refused = await post(service, image!.bytes);
    assert.equal(refused.status, 503);
    assert.equal((refused.body as unknown as { code: string }).code, 'database_unavailable');
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
    await server.restart();
    const found = await fetch(`${service.url}/v1/predictions/${body.id}`);
    assert.equal(((await found.json()) as { label: string }).label, 'Bag');
    assert.equal((await post(service, image!.bytes)).status, 202);
  });
});
