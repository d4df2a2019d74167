import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Answer } from '../../../src/wire/answers.ts';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Changes, type Service, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(128);

const ANN = 'key-of-review';
const BOB = 'key-of-review+review';
const LEAD = 'key-of-review+admin';

/** Two reviewers, a lead, and who sends images and collects labels. */
const start = (t: TestContext, changes: Changes = {}): Promise<Service> =>
  startService(t, {
    access: keysOf(['predict', 'export'], ['review'], ['review', 'review'], ['review', 'admin']),
    ...changes,
  });

const CALLER = 'key-of-predict+export';

const sent = async ({ post }: Service, image: Buffer): Promise<Answer> =>
  bodyOf<Answer>(await post('/v1/predictions', image, 'image/png', CALLER));

const current = async ({ get }: Service, { id }: Answer): Promise<Answer> =>
  bodyOf<Answer>(await get(`/v1/predictions/${id}`, CALLER));

async function claimed(service: Service, key: string): Promise<ClaimedItem> {
  const [item] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}, key));
  assert.ok(item, `nothing waits for ${key}`);
  return item;
}

async function found(service: Service, finding: string, key: string): Promise<ClaimedItem> {
  const item = await claimed(service, key);
  const given = await service.putJson(`${item.href}/finding`, { finding, lease: item.lease }, key);
  assert.equal(given.status, 204);
  return item;
}

async function labelled(service: Service, label: string, key: string): Promise<ClaimedItem> {
  const item = await claimed(service, key);
  const given = await service.putJson(`${item.href}/label`, { label, lease: item.lease }, key);
  assert.equal(given.status, 204);
  return item;
}

/** An automatic answer that is audited. */
async function audited(t: TestContext): Promise<{ service: Service; answer: Answer }> {
  const service = await start(t, { auditRate: 1 });
  const answer = await sent(service, stable);
  assert.deepEqual([answer.decision, answer.label], ['auto', 'dark']);
  await service.settleAudits();
  return { service, answer };
}

const lines = async (service: Service): Promise<Record<string, unknown>[]> => {
  await service.post('/v1/labels/seal', '', undefined, CALLER);
  const text = await (await service.get('/v1/labels', CALLER)).text();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('PUT /v1/reviews/{id}/finding', () => {
  it('says that no label fits: the prediction then has none, and so is it exported', async (t) => {
    const service = await start(t);
    const answer = await sent(service, unclear);
    const item = await found(service, 'none_of_these', ANN);
    const { label, review } = await current(service, answer);
    assert.deepEqual([label, review?.state, review?.outcome], [null, 'discarded', 'none_of_these']);
    const seen = await bodyOf<ReviewItem>(await service.get(item.href, BOB));
    assert.deepEqual([seen.state, seen.label, seen.finding], ['discarded', null, 'none_of_these']);
    const [line] = await lines(service);
    assert.deepEqual([line!.label, line!.outcome, line!.source], [null, 'none_of_these', 'human']);
    const csv = await (await service.get('/v1/labels?format=csv', CALLER)).text();
    assert.match(csv, /,none_of_these\r\n$/);
    const studio = await service.get('/v1/labels?format=label-studio', CALLER);
    const [task] = await bodyOf<{ annotations: { result: unknown[] }[] }[]>(studio);
    assert.deepEqual(task!.annotations[0]!.result, []);
  });

  it('says that nobody could tell what it shows, which is not exported', async (t) => {
    const service = await start(t);
    const answer = await sent(service, unclear);
    await found(service, 'unreadable', ANN);
    const { label, review } = await current(service, answer);
    assert.deepEqual([label, review?.outcome], [null, 'unreadable']);
    await service.post('/v1/labels/seal', '', undefined, CALLER);
    assert.equal(await (await service.get('/v1/labels', CALLER)).text(), '');
  });

  it('takes what it knows, of who holds the item, and no more', async (t) => {
    const service = await start(t);
    await sent(service, unclear);
    const { href, lease } = await claimed(service, ANN);
    const put = (body: object, key = ANN) => service.putJson(`${href}/finding`, body, key);
    await expectProblem(await put({ finding: 'boring', lease }), 'invalid_request', 400);
    await expectProblem(await put({ finding: 'unreadable' }), 'invalid_request', 400);
    await expectProblem(await put({ finding: 'unreadable', lease }, BOB), 'lease_lost', 409);
    await expectProblem(await put({ finding: 'unreadable', lease }, CALLER), 'forbidden', 403);
    const note = 'x'.repeat(2000);
    for (let i = 0; i < 2; i++) assert.equal((await put({ finding: 'unreadable', lease, note })).status, 204);
    await expectProblem(await put({ finding: 'none_of_these', lease }), 'lease_lost', 409);
  });

  it('counts as a label that is not the machine’s, once', async (t) => {
    const service = await start(t);
    await sent(service, unclear);
    const { href, lease } = await found(service, 'none_of_these', ANN);
    await service.putJson(`${href}/finding`, { finding: 'none_of_these', lease }, ANN);
    const text = await (await service.get('/metrics')).text();
    assert.match(text, /^sensigate_labels_total\{reason="sensitive",agrees="false"\} 1$/m);
  });
});

describe('an audit whose first answer is not the machine’s', () => {
  for (const [what, doubt] of [
    ['another label', (service: Service, key: string) => labelled(service, 'light', key)],
    ['that no label fits', (service: Service, key: string) => found(service, 'none_of_these', key)],
  ] as const) {
    it(`waits for a second person, who is told nothing of the first, and then is an error (${what})`, async (t) => {
      const { service, answer } = await audited(t);
      const errors = async () => {
        const { outcomes } = await service.store.figures.auditOutcomes({
          ...{ modelDigest: answer.model.digest, gateId: answer.gate!.id, sinceMs: 0 },
        });
        return outcomes.map(({ agrees, count }) => [agrees, count]);
      };
      const first = await claimed(service, ANN);
      await service.postJson(`${first.href}/release`, { lease: first.lease }, ANN);
      await doubt(service, ANN);
      assert.deepEqual(await errors(), []);
      const told: Answer = { ...answer };
      delete told.timing_ms;
      assert.deepEqual(await current(service, answer), told);
      const second = await claimed(service, BOB);
      const alike = ({ lease: _lease, lease_expires_at: _end, reviewer: _who, ...item }: ClaimedItem) => item;
      assert.deepEqual(alike(second), alike(first));
      await service.postJson(`${second.href}/release`, { lease: second.lease }, BOB);
      await doubt(service, BOB);
      assert.deepEqual(await errors(), [[false, 1]]);
      const { label } = await current(service, answer);
      assert.equal(label, what === 'another label' ? 'light' : null);
    });
  }

  it('may be settled by a lead instead, who is another person', async (t) => {
    const { service, answer } = await audited(t);
    const item = await labelled(service, 'light', ANN);
    const path = `${item.href}/settle`;
    await expectProblem(await service.postJson(path, { label: 'light' }, ANN), 'forbidden', 403);
    await expectProblem(await service.postJson(path, {}, LEAD), 'invalid_request', 400);
    await expectProblem(await service.postJson(path, { label: 'gray' }, LEAD), 'unknown_label', 422);
    assert.equal((await service.postJson(path, { label: 'light' }, LEAD)).status, 204);
    await expectProblem(await service.postJson(path, { label: 'dark' }, LEAD), 'item_decided', 409);
    assert.equal((await current(service, answer)).label, 'light');
    const { items } = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews', LEAD));
    assert.deepEqual(
      items[0]!.opinions.map(({ reviewer, label, finding }) => [reviewer, label, finding]),
      [
        ['review', 'light', null],
        ['review.admin', 'light', null],
      ],
    );
  });

  it('is not settled before somebody has answered, nor where there is no such item', async (t) => {
    const { service } = await audited(t);
    const { items } = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews', LEAD));
    const none = { finding: 'none_of_these' };
    const settled = await service.postJson(`${items[0]!.href}/settle`, none, LEAD);
    await expectProblem(settled, 'nothing_to_settle', 409);
    const nobody = await service.postJson('/v1/reviews/01ARZ3NDEKTSV4RRFFQ69G5FAV/settle', none, LEAD);
    await expectProblem(nobody, 'unknown_item', 404);
  });

  it('may be settled where there are no keys, and the one person is the lead', async (t) => {
    const service = await startService(t, { auditRate: 1 });
    await service.post('/v1/predictions', stable, 'image/png');
    await service.settleAudits();
    const [item] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}));
    await service.putJson(`${item!.href}/label`, { label: 'light', lease: item!.lease });
    assert.deepEqual(await bodyOf(await service.postJson('/v1/reviews/claim', {})), []);
    assert.equal((await service.postJson(`${item!.href}/settle`, { label: 'light' })).status, 204);
    const { items } = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews'));
    assert.deepEqual([items[0]!.state, items[0]!.reviewer], ['labelled', 'local:lead']);
  });
});
