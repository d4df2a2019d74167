import assert from 'node:assert/strict';
import type { Sealed } from '../../../src/wire/labels.ts';
import { describe, it } from 'node:test';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const access = keysOf(['predict', 'review'], ['export'], ['admin']);
const [ada, trainer, lead] = ['key-of-predict+review', 'key-of-export', 'key-of-admin'];

interface Page {
  readonly entries: readonly {
    readonly at: string;
    readonly act: string;
    readonly who: string | null;
    readonly item: string | null;
    readonly detail: Record<string, unknown>;
  }[];
  readonly next_cursor: string | null;
}

const trailOf = async (service: Service, query = ''): Promise<Page> =>
  bodyOf<Page>(await service.get(`/v1/audit-trail${query}`, lead));

/** An image that goes to review, claimed and labelled; its id. */
async function labelled(service: Service): Promise<string> {
  await service.post('/v1/predictions', await grayPng(128), 'image/png', ada);
  const [item] = await bodyOf<{ id: string; lease: string }[]>(
    await service.postJson('/v1/reviews/claim', {}, ada),
  );
  const { id, lease } = item!;
  await service.putJson(`/v1/reviews/${id}/label`, { label: 'dark', lease }, ada);
  return id;
}

describe('GET /v1/audit-trail', () => {
  it('tells who labelled and who exported, newest first', async (t) => {
    const service = await startService(t, { access });
    const item = await labelled(service);
    service.clock.ms += 1000;
    const { sealed, cursor } = await bodyOf<Sealed>(await service.postJson('/v1/labels/seal', {}, trainer));
    assert.equal(sealed, 1);
    service.clock.ms += 1000;
    await (await service.get('/v1/labels?format=csv&limit=10', trainer)).text();
    assert.deepEqual(await trailOf(service), {
      entries: [
        {
          at: new Date(NOON + 2000).toISOString(),
          act: 'labels_exported',
          who: 'export',
          item: null,
          detail: { format: 'csv', since: null, limit: 10 },
        },
        {
          at: new Date(NOON + 1000).toISOString(),
          act: 'labels_sealed',
          who: 'export',
          item: null,
          detail: { count: 1, until: cursor },
        },
        {
          at: new Date(NOON).toISOString(),
          act: 'labelled',
          who: 'predict.review',
          item,
          detail: { label: 'dark' },
        },
      ],
      next_cursor: null,
    });
  });

  it('leaves out an export that gave nothing', async (t) => {
    const service = await startService(t, { access });
    await (await service.get('/v1/labels', trainer)).text();
    assert.deepEqual((await trailOf(service)).entries, []);
  });

  it('gives no label that it cannot write down', async (t) => {
    const service = await startService(t, { access });
    await labelled(service);
    const { store } = service;
    await store.labels.seal({ who: 'export' });
    const broken = await startService(t, {
      access,
      store: {
        ...store,
        trail: { ...store.trail, recordAct: () => Promise.reject(new Error('the disk is full')) },
      },
    });
    await expectProblem(await broken.get('/v1/labels', trainer), 'internal', 500);
  });

  it('is given by act, person and time, and in pages', async (t) => {
    const service = await startService(t, { access });
    await labelled(service);
    await service.postJson('/v1/labels/seal', {}, trainer);
    const actsBy = async (query: string): Promise<string[]> =>
      (await trailOf(service, query)).entries.map(({ act }) => act);
    assert.deepEqual(await actsBy('?act=labelled'), ['labelled']);
    assert.deepEqual(await actsBy('?who=export'), ['labels_sealed']);
    assert.deepEqual(await actsBy('?since=2026-01-01T12:00:01Z'), []);
    assert.deepEqual(await actsBy('?until=2026-01-01T14:00:00%2B02:00'), []);
    const first = await trailOf(service, '?limit=1');
    assert.equal(first.entries.length, 1);
    const second = await trailOf(service, `?limit=1&cursor=${first.next_cursor}`);
    assert.deepEqual(
      [...first.entries, ...second.entries].map(({ act }) => act),
      ['labelled', 'labels_sealed'],
    );
    assert.equal(second.next_cursor, null);
  });

  it('refuses what it does not know', async (t) => {
    const service = await startService(t, { access });
    for (const query of ['act=claimed', 'since=yesterday', 'limit=0', 'sort=who'])
      await expectProblem(await service.get(`/v1/audit-trail?${query}`, lead), 'invalid_request', 400);
    await expectProblem(await service.get('/v1/audit-trail?cursor=x', lead), 'bad_cursor', 400);
  });
});
