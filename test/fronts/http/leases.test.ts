import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, ReviewItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const unclear = await grayPng(140);
const NOBODYS_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

interface Held {
  readonly service: Service;
  readonly item: ClaimedItem;
  /** Path of what is done to the item. */
  readonly act: (what: string) => string;
}

/** One item, leased for a minute. */
async function hold(t: TestContext): Promise<Held> {
  const service = await startService(t);
  await service.post('/v1/predictions', unclear, 'image/png');
  const response = await service.postJson('/v1/reviews/claim', { lease_seconds: 60 });
  const [item] = await bodyOf<ClaimedItem[]>(response);
  return { service, item: item!, act: (what) => `/v1/reviews/${item!.id}/${what}` };
}

describe('PUT /v1/reviews/{id}/label', () => {
  it('records the label, who gave it, when, and the note', async (t) => {
    const { service, item, act } = await hold(t);
    service.clock.ms += 20_000;
    const request = { label: 'light', lease: item.lease, note: 'barely' };
    const response = await service.putJson(act('label'), request);
    assert.equal(response.status, 204);
    const after = await bodyOf<ReviewItem>(await service.get(item.href));
    assert.deepEqual(
      [after.state, after.label, after.reviewer, after.labelled_at, after.note],
      ['labelled', 'light', 'local', new Date(NOON + 20_000).toISOString(), 'barely'],
    );
  });

  it('is answered the same when it is repeated, and counts once', async (t) => {
    const { service, item, act } = await hold(t);
    const request = { label: 'light', lease: item.lease };
    assert.equal((await service.putJson(act('label'), request)).status, 204);
    assert.equal((await service.putJson(act('label'), request)).status, 204);
    const text = await (await service.get('/metrics')).text();
    assert.match(text, /sensigate_reviewer_labels_total\{reviewer="local"\} 1/);
    assert.match(text, /^sensigate_labels_total\{reason="sensitive",agrees="true"\} 1$/m);
  });

  it('counts whether the person agrees with the machine, and how long the item waited', async (t) => {
    const { service, item, act } = await hold(t);
    service.clock.ms += 30_000;
    await service.putJson(act('label'), { label: 'dark', lease: item.lease });
    const text = await (await service.get('/metrics')).text();
    assert.match(text, /^sensigate_labels_total\{reason="sensitive",agrees="false"\} 1$/m);
    assert.match(text, /^sensigate_review_lead_seconds_sum 30$/m);
  });

  it('refuses a label that the model does not have, and names those it has', async (t) => {
    const { service, item, act } = await hold(t);
    const response = await service.putJson(act('label'), { label: 'grey', lease: item.lease });
    const problem = await expectProblem(response, 'unknown_label', 422);
    assert.match(problem.detail, /"grey" is not a label of dark-or-light\. Expected one of: dark, light\./);
    assert.deepEqual(problem.allowed, ['dark', 'light']);
    assert.equal(problem.allowed_count, 2);
  });

  it('names the first ten of many labels, and how many there are', async (t) => {
    const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const model = {
      ...{ name: 'many', version: '1', digest: 'sha256:0', labels, input: {}, output: {} },
      ...{ mirror_keeps_label: false, licence: 'none', provenance: 'none' },
    };
    const service = await startService(t, { model });
    const request = { label: 'grey', lease: 'x' };
    const problem = await expectProblem(
      await service.putJson(`/v1/reviews/${NOBODYS_ID}/label`, request),
      'unknown_label',
      422,
    );
    assert.deepEqual(problem.allowed, labels.slice(0, 10));
    assert.match(problem.detail, /class 9, … \(1000 in all, see GET \/v1\/model\)/);
  });

  it('refuses notes that no database takes', async (t) => {
    const { service, item, act } = await hold(t);
    for (const note of ['a\0b', '\ud800', 'x'.repeat(2001)]) {
      const response = await service.putJson(act('label'), { label: 'dark', lease: item.lease, note });
      await expectProblem(response, 'invalid_request', 400);
    }
  });
});

describe('renew', () => {
  it('sets the end of the lease to that long from now', async (t) => {
    const { service, item, act } = await hold(t);
    service.clock.ms += 50_000;
    const response = await service.postJson(act('renew'), { lease: item.lease, lease_seconds: 120 });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), {
      id: item.id,
      lease: item.lease,
      lease_expires_at: new Date(NOON + 170_000).toISOString(),
    });
  });
});

describe('a lease', () => {
  it('opens its item for its holder alone', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'export']);
    const service = await startService(t, { access });
    await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
    const claimed = await service.postJson('/v1/reviews/claim', {}, 'key-of-review');
    const [item] = await bodyOf<ClaimedItem[]>(claimed);
    const { href, lease } = item!;
    const stranger = 'key-of-review+export';
    for (const what of ['renew', 'release', 'skip'])
      await expectProblem(await service.postJson(`${href}/${what}`, { lease }, stranger), 'lease_lost', 409);
    for (const [what, body] of [
      ['label', { lease, label: 'dark' }],
      ['discard', { lease }],
    ] as const)
      await expectProblem(await service.putJson(`${href}/${what}`, body, stranger), 'lease_lost', 409);
    const label = { lease, label: 'dark' };
    assert.equal((await service.putJson(`${href}/label`, label, 'key-of-review')).status, 204);
  });
});

describe('release and skip', () => {
  it('end the lease, so that the item waits again', async (t) => {
    const { service, item, act } = await hold(t);
    assert.equal((await service.postJson(act('release'), { lease: item.lease })).status, 204);
    const [again] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}));
    assert.equal((await service.postJson(act('skip'), { lease: again!.lease })).status, 204);
    const after = await bodyOf<ReviewItem>(await service.get(item.href));
    assert.equal(after.state, 'pending');
  });

  it('differ in that skip puts the item behind the others', async (t) => {
    const { service, item, act } = await hold(t);
    await service.post('/v1/predictions', await grayPng(180), 'image/png');
    await service.postJson(act('skip'), { lease: item.lease });
    const items = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', { limit: 2 }));
    assert.equal(items.length, 2);
    assert.equal(items[1]!.id, item.id);
  });
});

const actions = [
  ['PUT', 'label', { label: 'dark' }],
  ['POST', 'renew', {}],
  ['POST', 'release', {}],
  ['POST', 'skip', {}],
] as const;

for (const [method, what, request] of actions) {
  describe(`${what}, as everything that needs a lease,`, () => {
    const send = (service: Service, path: string, body: unknown): Promise<Response> =>
      method === 'PUT' ? service.putJson(path, body) : service.postJson(path, body);

    it('refuses a lease that is not the item’s', async (t) => {
      const { service, act } = await hold(t);
      await expectProblem(
        await send(service, act(what), { ...request, lease: 'not-a-lease' }),
        'lease_lost',
        409,
      );
    });

    it('refuses a lease that ran out and passed to someone else', async (t) => {
      const { service, item, act } = await hold(t);
      service.clock.ms += 60_001;
      await service.postJson('/v1/reviews/claim', {});
      await expectProblem(
        await send(service, act(what), { ...request, lease: item.lease }),
        'lease_lost',
        409,
      );
    });

    it('knows no item that there is not', async (t) => {
      const { service, item } = await hold(t);
      for (const id of [NOBODYS_ID, 'none']) {
        const response = await send(service, `/v1/reviews/${id}/${what}`, { ...request, lease: item.lease });
        await expectProblem(response, 'unknown_item', 404);
      }
    });

    it('says which members are missing or wrong', async (t) => {
      const { service, act } = await hold(t);
      for (const lease of [undefined, '', 'a b', 5]) {
        const problem = await expectProblem(
          await send(service, act(what), { ...request, lease }),
          'invalid_request',
          400,
        );
        assert.deepEqual(
          (problem.errors as { path: string }[]).map(({ path }) => path),
          ['lease'],
        );
      }
    });
  });
}

describe('a queue that is closed', () => {
  it('is answered 503 with Retry-After', async (t) => {
    const { service } = await hold(t);
    await service.store.close();
    const response = await service.postJson('/v1/reviews/claim', {});
    assert.equal(response.headers.get('retry-after'), '1');
    await expectProblem(response, 'queue_closed', 503);
  });
});
