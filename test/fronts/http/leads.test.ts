import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, LeadItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const unclear = await grayPng(140);
const REVIEWER = 'key-of-review';
const LEAD = 'key-of-review+admin';

/** A service with one item, which a reviewer holds. */
async function held(t: TestContext): Promise<{ service: Service; item: ClaimedItem }> {
  const access = keysOf(['predict'], ['review'], ['review', 'admin']);
  const service = await startService(t, { access });
  await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
  const claimed = await service.postJson('/v1/reviews/claim', {}, REVIEWER);
  const [item] = await bodyOf<ClaimedItem[]>(claimed);
  return { service, item: item! };
}

const label = (service: Service, item: ClaimedItem) =>
  service.putJson(`${item.href}/label`, { label: 'dark', lease: item.lease }, REVIEWER);

describe('POST /v1/reviews/{id}/reassign', () => {
  it('takes the item from its holder for the person named', async (t) => {
    const { service, item } = await held(t);
    const response = await service.postJson(`${item.href}/reassign`, { to: 'review.admin' }, LEAD);
    assert.equal(response.status, 204);
    await expectProblem(await label(service, item), 'lease_lost', 409);
    const { items } = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews', LEAD));
    assert.deepEqual([items[0]!.state, items[0]!.assigned_to], ['pending', 'review.admin']);
  });

  it('refuses an item that is decided', async (t) => {
    const { service, item } = await held(t);
    await label(service, item);
    const response = await service.postJson(`${item.href}/reassign`, { to: null }, LEAD);
    await expectProblem(response, 'item_decided', 409);
  });

  it('needs somebody, or null, and the scope admin', async (t) => {
    const { service, item } = await held(t);
    const path = `${item.href}/reassign`;
    await expectProblem(await service.postJson(path, {}, LEAD), 'invalid_request', 400);
    await expectProblem(await service.postJson(path, { to: null }, REVIEWER), 'forbidden', 403);
  });
});

describe('GET /v1/reviews/{id}/history', () => {
  it('tells leads what happened to an item', async (t) => {
    const { service, item } = await held(t);
    service.clock.ms += 1000;
    await label(service, item);
    const response = await service.get(`${item.href}/history`, LEAD);
    assert.deepEqual(await response.json(), {
      events: [
        { at: new Date(NOON).toISOString(), act: 'recorded', who: null, detail: null },
        { at: new Date(NOON).toISOString(), act: 'claimed', who: 'review', detail: null },
        { at: new Date(NOON + 1000).toISOString(), act: 'labelled', who: 'review', detail: 'dark' },
      ],
    });
    await expectProblem(await service.get(`${item.href}/history`, REVIEWER), 'forbidden', 403);
  });

  it('knows no item that there is not', async (t) => {
    const { service } = await held(t);
    const response = await service.get('/v1/reviews/01ARZ3NDEKTSV4RRFFQ69G5FAV/history', LEAD);
    await expectProblem(response, 'unknown_item', 404);
  });
});

describe('GET /v1/reviews/statistics', () => {
  it('tells leads the depth of the queue and everyone’s answers since midnight, and others their own', async (t) => {
    const { service, item } = await held(t);
    await label(service, item);
    assert.deepEqual(await bodyOf(await service.get('/v1/reviews/statistics', REVIEWER)), {
      items: { pending: 0, claimed: 0 },
      since: '2026-01-01T00:00:00.000Z',
      mine: { labelled: 1, discarded: 0 },
    });
    assert.deepEqual(await bodyOf(await service.get('/v1/reviews/statistics', LEAD)), {
      items: { pending: 0, claimed: 0, labelled: 1, discarded: 0, disputed: 0 },
      oldest_waiting_at: null,
      since: '2026-01-01T00:00:00.000Z',
      mine: { labelled: 0, discarded: 0 },
      everyone: { labelled: 1, discarded: 0 },
      reviewers: [{ reviewer: 'review', labelled: 1, discarded: 0 }],
    });
  });

  it('counts from the time that the caller names', async (t) => {
    const { service, item } = await held(t);
    await label(service, item);
    const path = '/v1/reviews/statistics?since=2026-01-01T14:00:00%2B01:00';
    const { since, mine } = await bodyOf(await service.get(path, REVIEWER));
    assert.deepEqual([since, mine], ['2026-01-01T13:00:00.000Z', { labelled: 0, discarded: 0 }]);
    const wrong = await service.get('/v1/reviews/statistics?since=today', REVIEWER);
    await expectProblem(wrong, 'invalid_request', 400);
  });
});
