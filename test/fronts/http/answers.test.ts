import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, ReviewItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const unclear = await grayPng(140);
const NOBODYS_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

/** A service with one item, leased to the caller. */
async function hold(t: TestContext): Promise<{ service: Service; item: ClaimedItem }> {
  const service = await startService(t);
  await service.post('/v1/predictions', unclear, 'image/png');
  const [item] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}));
  return { service, item: item! };
}

const label = (service: Service, item: ClaimedItem) =>
  service.putJson(`${item.href}/label`, { label: 'dark', lease: item.lease });

describe('PUT /v1/reviews/{id}/discard', () => {
  it('records who found the image unusable, when, and the note', async (t) => {
    const { service, item } = await hold(t);
    service.clock.ms += 5000;
    const request = { lease: item.lease, note: 'blank' };
    assert.equal((await service.putJson(`${item.href}/discard`, request)).status, 204);
    assert.equal((await service.putJson(`${item.href}/discard`, request)).status, 204);
    const after = await bodyOf<ReviewItem>(await service.get(item.href));
    assert.deepEqual(
      [after.state, after.label, after.reviewer, after.labelled_at, after.decided_at, after.note],
      ['discarded', null, 'local', null, new Date(NOON + 5000).toISOString(), 'blank'],
    );
  });

  it('refuses a lease that is not the item’s', async (t) => {
    const { service, item } = await hold(t);
    const response = await service.putJson(`${item.href}/discard`, { lease: 'another' });
    await expectProblem(response, 'lease_lost', 409);
  });
});

describe('POST /v1/reviews/{id}/undo', () => {
  it('gives the item back with a fresh lease, to be labelled otherwise', async (t) => {
    const { service, item } = await hold(t);
    await label(service, item);
    const response = await service.postJson(`${item.href}/undo`, { lease_seconds: 60 });
    assert.equal(response.status, 200);
    const again = await bodyOf<ClaimedItem>(response);
    assert.deepEqual(
      [again.id, again.state, again.label, again.lease_expires_at],
      [item.id, 'claimed', null, new Date(NOON + 60_000).toISOString()],
    );
    const request = { label: 'light', lease: again.lease };
    assert.equal((await service.putJson(`${item.href}/label`, request)).status, 204);
  });

  it('refuses what there is not to undo, and what is not there', async (t) => {
    const { service, item } = await hold(t);
    await expectProblem(await service.postJson(`${item.href}/undo`, {}), 'nothing_to_undo', 409);
    const unknown = await service.postJson(`/v1/reviews/${NOBODYS_ID}/undo`, {});
    await expectProblem(unknown, 'unknown_item', 404);
  });

  it('is possible however often labels are read', async (t) => {
    const { service, item } = await hold(t);
    await label(service, item);
    assert.equal(await (await service.get('/v1/labels')).text(), '');
    assert.equal((await service.postJson(`${item.href}/undo`, {})).status, 200);
  });

  it('refuses once the label is sealed', async (t) => {
    const { service, item } = await hold(t);
    await label(service, item);
    assert.equal((await service.post('/v1/labels/seal', '')).status, 200);
    await expectProblem(await service.postJson(`${item.href}/undo`, {}), 'label_exported', 409);
  });

  it('is for whoever labelled alone', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'export']);
    const service = await startService(t, { access });
    await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
    const claimed = await service.postJson('/v1/reviews/claim', {}, 'key-of-review');
    const [item] = await bodyOf<ClaimedItem[]>(claimed);
    await service.putJson(`${item!.href}/label`, { label: 'dark', lease: item!.lease }, 'key-of-review');
    const response = await service.postJson(`${item!.href}/undo`, {}, 'key-of-review+export');
    await expectProblem(response, 'nothing_to_undo', 409);
  });
});
