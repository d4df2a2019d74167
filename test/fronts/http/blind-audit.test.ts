import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../src/wire/review-items.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Service, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(128);

const REVIEWER = 'key-of-review';
const LEAD = 'key-of-review+admin';

/** A service with one sensitive item and one audit. */
async function withAudit(t: TestContext, showPrediction: boolean): Promise<Service> {
  const access = keysOf(['predict'], ['review'], ['review', 'admin']);
  const service = await startService(t, { access, showPrediction: () => showPrediction, auditRate: 1 });
  await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
  const automatic = await service.post('/v1/predictions', stable, 'image/png', 'key-of-predict');
  assert.equal((await bodyOf<Answer>(automatic)).decision, 'auto');
  return service;
}

/** All names in a JSON value, at any depth. */
const namesIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(Array.isArray(value) ? [] : [name]),
    ...namesIn(inner),
  ]);
};

const TELLING = ['reasons', 'reason', 'sensitivity', 'signals', 'gate', 'priority', 'decision'];

describe('a blind audit', () => {
  it('gives a reviewer the same members for a sensitive item and an audit', async (t) => {
    const service = await withAudit(t, false);
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER),
    );
    const [first, second] = items.map(namesIn);
    assert.equal(items.length, 2);
    assert.deepEqual(first, second);
    for (const name of [...TELLING, 'prediction', 'probability']) assert.ok(!first!.includes(name), name);
  });

  it('differs between the two in nothing but identity', async (t) => {
    const service = await withAudit(t, false);
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER),
    );
    const [first, second] = items.map(
      ({ id, lease, ...rest }) => JSON.stringify(rest).replaceAll(id, 'ID') + typeof lease,
    );
    assert.equal(first, second);
  });

  it('holds for a single item and for lists alike', async (t) => {
    const service = await withAudit(t, false);
    const { items } = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews', REVIEWER));
    for (const { href } of [...items]) items.push(await bodyOf<LeadItem>(await service.get(href, REVIEWER)));
    for (const name of [...TELLING, 'prediction']) assert.ok(!namesIn(items).includes(name), name);
  });

  it('is not told by the estimate that is made of it, which is for leads', async (t) => {
    const service = await withAudit(t, false);
    const auditFor = async (key: string): Promise<unknown> =>
      (await bodyOf<{ audit: unknown }>(await service.get('/v1/gate', key))).audit;
    assert.deepEqual([await auditFor(REVIEWER), await auditFor('key-of-predict')], [null, null]);
    assert.notEqual(await auditFor(LEAD), null);
  });

  it('holds for leads who claim', async (t) => {
    const service = await withAudit(t, false);
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, LEAD),
    );
    for (const name of TELLING) assert.ok(!namesIn(items).includes(name), name);
  });

  it('shows the prediction of both where the gate says so, and still no reason', async (t) => {
    const service = await withAudit(t, true);
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER),
    );
    assert.deepEqual(
      items.map(({ prediction }) => prediction?.label),
      ['light', 'dark'],
    );
    for (const name of TELLING) assert.ok(!namesIn(items).includes(name), name);
  });

  it('lets leads list the reasons', async (t) => {
    const service = await withAudit(t, false);
    const { items } = await bodyOf<{ items: LeadItem[] }>(
      await service.get('/v1/reviews?order=most_sensitive', LEAD),
    );
    assert.deepEqual(
      items.map(({ reasons }) => reasons),
      [['sensitive'], ['audit']],
    );
    const audits = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews?reason=audit', LEAD));
    assert.equal(audits.items.length, 1);
  });

  for (const query of ['reason=audit', 'reason=sensitive', 'order=most_sensitive']) {
    it(`refuses a reviewer the list by ?${query}`, async (t) => {
      const service = await withAudit(t, false);
      await expectProblem(await service.get(`/v1/reviews?${query}`, REVIEWER), 'forbidden', 403);
    });
  }

  it('shows whoever has answered their own answer, though others are still to be asked', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'admin']);
    const service = await startService(t, { access, overlaps: { sensitive: { agree: 2, most: 3 } } });
    await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
    const claimed = await service.postJson('/v1/reviews/claim', {}, REVIEWER);
    const [item] = await bodyOf<ClaimedItem[]>(claimed);
    await service.putJson(`${item!.href}/label`, { label: 'dark', lease: item!.lease }, REVIEWER);
    const own = await bodyOf<ReviewItem>(await service.get(item!.href, REVIEWER));
    assert.deepEqual([own.state, own.label, own.reviewer], ['labelled', 'dark', 'review']);
    const others = await bodyOf<ReviewItem>(await service.get(item!.href, LEAD));
    assert.deepEqual([others.state, others.label, others.reviewer], ['pending', null, null]);
  });

  it('lists an item for a reviewer in the state that the reviewer is shown, and for leads as it is', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'export'], ['review', 'admin']);
    const service = await startService(t, { access, overlaps: { sensitive: { agree: 2, most: 2 } } });
    await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
    const answer = async (key: string, label: string, note: string): Promise<void> => {
      const [item] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}, key));
      await service.putJson(`${item!.href}/label`, { label, lease: item!.lease, note }, key);
    };
    const listed = async (key: string, query: string): Promise<unknown[]> => {
      const { items } = await bodyOf<{ items: ReviewItem[] }>(await service.get(`/v1/reviews?${query}`, key));
      return items.map(({ state, label, reviewer, note }) => [state, label, reviewer, note]);
    };
    await answer(REVIEWER, 'dark', 'mine');
    const mine = ['labelled', 'dark', 'review', 'mine'];
    assert.deepEqual(await listed(REVIEWER, 'state=pending'), []);
    assert.deepEqual(await listed(REVIEWER, 'state=labelled'), [mine]);
    assert.deepEqual(await listed(REVIEWER, 'label=dark'), [mine]);
    await answer('key-of-review+export', 'light', 'theirs');
    assert.deepEqual(await listed(REVIEWER, 'state=disputed'), []);
    assert.deepEqual(await listed(REVIEWER, 'state=labelled'), [mine]);
    assert.deepEqual(await listed(LEAD, 'state=disputed'), [['disputed', null, 'review.export', 'theirs']]);
    const { items } = await bodyOf<{ items: ReviewItem[] }>(await service.get('/v1/reviews', LEAD));
    const single = await bodyOf<ReviewItem>(await service.get(items[0]!.href, LEAD));
    // Blind for every caller: a lead who has not answered may be the next to be asked.
    assert.deepEqual([single.state, single.reviewer, single.note], ['pending', null, null]);
  });
});
