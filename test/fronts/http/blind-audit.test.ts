import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../src/wire/review-items.ts';
import type { ReviewStatistics } from '../../../src/wire/statistics.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { auroc } from '../../../support/adversary/tell-apart.ts';
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
  const access = keysOf(
    ['predict'],
    ['review'],
    ['review', 'admin'],
    ['review', 'predict'],
    ['review', 'export'],
  );
  const service = await startService(t, { access, showPrediction: () => showPrediction, auditRate: 1 });
  await service.post('/v1/predictions', unclear, 'image/png', 'key-of-predict');
  const automatic = await service.post('/v1/predictions', stable, 'image/png', 'key-of-predict');
  assert.equal((await bodyOf<Answer>(automatic)).decision, 'auto');
  await service.settleAudits();
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
  it('has its place among the others, and not behind all that is more sensitive', async (t) => {
    const service = await startService(t, { access: keysOf(['predict'], ['review']), auditRate: 1 });
    const sensitive = await Promise.all([100, 110, 120, 128, 135, 145, 155].map((value) => grayPng(value)));
    const byReason = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const image = i % 2 === 0 ? sensitive[(i / 2) % sensitive.length]! : stable;
      service.clock.ms += 1000;
      const { id, decision } = await bodyOf<Answer>(
        await service.post('/v1/predictions', image, 'image/png', 'key-of-predict'),
      );
      if (decision === 'review') byReason.add(id);
      await service.settleAudits();
    }
    const order: boolean[] = [];
    for (let batch = 0; batch < 3; batch++) {
      const claimed = await service.postJson('/v1/reviews/claim', { limit: 100 }, REVIEWER);
      for (const { id } of await bodyOf<ClaimedItem[]>(claimed)) order.push(!byReason.has(id));
    }
    assert.equal(order.filter(Boolean).length, 150);
    const places = order.map((_, place) => place);
    // Chance has a standard deviation of 0.033 here.
    const byPlace = auroc(places, (place) => place, order);
    assert.ok(byPlace > 0.35 && byPlace < 0.65, `AUROC of the place in the order of claims: ${byPlace}`);
  });

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

  for (const scope of ['predict', 'export', 'admin'] as const) {
    it(`gives no audit to whoever holds ${scope} beside review`, async (t) => {
      const service = await withAudit(t, false);
      const key = `key-of-review+${scope}`;
      const items = await bodyOf<ClaimedItem[]>(
        await service.postJson('/v1/reviews/claim', { limit: 9 }, key),
      );
      const { items: audits } = await bodyOf<{ items: LeadItem[] }>(
        await service.get('/v1/reviews?reason=audit', LEAD),
      );
      assert.equal(items.length, 1);
      assert.notEqual(items[0]!.id, audits[0]!.id);
      const left = await bodyOf<ClaimedItem[]>(
        await service.postJson('/v1/reviews/claim', { limit: 9 }, REVIEWER),
      );
      assert.deepEqual(
        left.map(({ id }) => id),
        audits.map(({ id }) => id),
      );
    });
  }

  for (const scope of ['predict', 'export'] as const) {
    it(`knows nothing of audits for whoever holds ${scope} beside review`, async (t) => {
      const service = await withAudit(t, false);
      const key = `key-of-review+${scope}`;
      const audits = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews?reason=audit', LEAD));
      const { href } = audits.items[0]!;
      const { items } = await bodyOf<{ items: ReviewItem[] }>(await service.get('/v1/reviews', key));
      assert.equal(items.length, 1);
      assert.notEqual(items[0]!.href, href);
      for (const path of [href, `${href}/image`, `${href}/sensitivity.png`])
        await expectProblem(await service.get(path, key), 'unknown_item', 404);
      const lease = { lease: 'x' };
      for (const what of ['renew', 'release', 'skip', 'undo'] as const) {
        const response = await service.postJson(`${href}/${what}`, what === 'undo' ? {} : lease, key);
        await expectProblem(response, 'unknown_item', 404);
      }
      const label = { ...lease, label: 'dark' };
      await expectProblem(await service.putJson(`${href}/label`, label, key), 'unknown_item', 404);
      await expectProblem(await service.putJson(`${href}/discard`, lease, key), 'unknown_item', 404);
      const statistics = await bodyOf<ReviewStatistics>(await service.get('/v1/reviews/statistics', key));
      assert.deepEqual(statistics.items, { pending: 1, claimed: 0 });
    });
  }

  it('lets leads look at audits, and label none', async (t) => {
    const service = await withAudit(t, false);
    const audits = await bodyOf<{ items: LeadItem[] }>(await service.get('/v1/reviews?reason=audit', LEAD));
    const { href } = audits.items[0]!;
    assert.equal((await service.get(`${href}/image`, LEAD)).status, 200);
    const claimed = await service.postJson('/v1/reviews/claim', { limit: 9 }, REVIEWER);
    const items = await bodyOf<ClaimedItem[]>(claimed);
    const { lease } = items.find((item) => item.href === href)!;
    const response = await service.putJson(`${href}/label`, { lease, label: 'dark' }, LEAD);
    const { detail } = await expectProblem(response, 'forbidden', 403);
    assert.match(detail, /whoever has the scope "review" alone labels it/);
  });

  it('gives everyone audits where there are no keys, and is not blind there', async (t) => {
    const service = await startService(t, { auditRate: 1 });
    await service.post('/v1/predictions', stable, 'image/png');
    await service.settleAudits();
    const items = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', { limit: 2 }));
    assert.equal(items.length, 1);
  });

  it('counts alike before and after the caller’s own answer, where audits alone need several', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'admin']);
    const overlaps = { audit: { agree: 2, most: 3 } };
    const service = await startService(t, { access, overlaps, auditRate: 1 });
    for (const image of [unclear, stable])
      await service.post('/v1/predictions', image, 'image/png', 'key-of-predict');
    await service.settleAudits();
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER),
    );
    assert.equal(items.length, 2);
    const counts = async (): Promise<ReviewStatistics> =>
      bodyOf<ReviewStatistics>(await service.get('/v1/reviews/statistics', REVIEWER));
    const changes: unknown[] = [];
    for (const { href, lease } of items) {
      const before = await counts();
      await service.putJson(`${href}/label`, { label: 'dark', lease }, REVIEWER);
      const after = await counts();
      changes.push([
        after.items.pending - before.items.pending,
        after.items.claimed - before.items.claimed,
        after.mine.labelled - before.mine.labelled,
        Object.keys(after),
      ]);
    }
    assert.deepEqual(changes[0], changes[1]);
    assert.deepEqual(changes[0], [0, -1, 1, ['items', 'since', 'mine']]);
  });

  it('refuses to undo, or does not, for both alike, where audits alone need several', async (t) => {
    const access = keysOf(['predict'], ['review'], ['review', 'admin'], ['export']);
    const overlaps = { audit: { agree: 2, most: 3 } };
    const service = await startService(t, { access, overlaps, auditRate: 1 });
    for (const image of [unclear, stable])
      await service.post('/v1/predictions', image, 'image/png', 'key-of-predict');
    await service.settleAudits();
    const answer = async (): Promise<string[]> => {
      const claimed = await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER);
      const items = await bodyOf<ClaimedItem[]>(claimed);
      for (const { href, lease } of items)
        await service.putJson(`${href}/label`, { label: 'dark', lease }, REVIEWER);
      return items.map(({ href }) => href);
    };
    const hrefs = await answer();
    assert.equal(hrefs.length, 2);
    for (const href of hrefs) {
      const undone = await service.postJson(`${href}/undo`, {}, REVIEWER);
      const { lease } = await bodyOf<ClaimedItem>(undone);
      assert.equal(undone.status, 200);
      await service.putJson(`${href}/label`, { label: 'dark', lease }, REVIEWER);
    }
    service.clock.ms += 1000;
    await service.postJson('/v1/labels/seal', {}, 'key-of-export');
    for (const href of hrefs)
      await expectProblem(await service.postJson(`${href}/undo`, {}, REVIEWER), 'label_exported', 409);
  });

  it('shows the label of both where the gate says so, and still not how sure it is', async (t) => {
    const service = await withAudit(t, true);
    const items = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 2 }, REVIEWER),
    );
    assert.deepEqual(items.map(({ prediction }) => prediction!.label).sort(), ['dark', 'light']);
    for (const name of TELLING) assert.ok(!namesIn(items).includes(name), name);
  });

  it('lets leads list the reasons', async (t) => {
    const service = await withAudit(t, false);
    const { items } = await bodyOf<{ items: LeadItem[] }>(
      await service.get('/v1/reviews?order=most_sensitive', LEAD),
    );
    assert.deepEqual(items.map(({ reasons }) => reasons).sort(), [['audit'], ['sensitive']]);
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
