import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClaimedItem } from '../../../src/wire/review-items.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { gate, grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(128);

interface WhatIf {
  readonly predictions: number;
  readonly automatic: number;
  readonly review_rate: number;
  readonly labelled: number;
  readonly errors: number;
  readonly bound: number | null;
  readonly reviewer_hours: number;
}

interface Gated {
  readonly audit: {
    readonly state: string;
    readonly labels: number;
    readonly estimate: number | null;
    readonly unjudged: object;
  };
}

describe('GET /v1/gate/what-if', () => {
  it('tells the review rate and the hours at another threshold from what is stored', async (t) => {
    const { post, get } = await startService(t);
    await post('/v1/predictions', stable, 'image/png');
    await post('/v1/predictions', unclear, 'image/png');
    const at = async (threshold: number): Promise<WhatIf> =>
      bodyOf<WhatIf>(await get(`/v1/gate/what-if?threshold=${threshold}&seconds_per_label=36`));
    const now = await at(gate.threshold);
    assert.deepEqual([now.predictions, now.automatic, now.review_rate], [2, 1, 0.5]);
    assert.ok(Math.abs(now.reviewer_hours - 0.01) < 1e-12);
    assert.equal((await at(1e9)).review_rate, 0);
    assert.equal((await at(0)).review_rate, 1);
    assert.equal(now.bound, null);
  });

  it('is for admins, and wants a threshold', async (t) => {
    const { get } = await startService(t, { access: keysOf(['review'], ['admin']) });
    await expectProblem(await get('/v1/gate/what-if?threshold=1', 'key-of-review'), 'forbidden', 403);
    await expectProblem(await get('/v1/gate/what-if', 'key-of-admin'), 'invalid_request', 400);
  });
});

describe('the audit', () => {
  it('has people look at an automatic label without telling the caller, and judges the gate by what they say', async (t) => {
    const { post, postJson, putJson, get, store, settleAudits } = await startService(t, { auditRate: 1 });
    const answer = await bodyOf<Answer>(await post('/v1/predictions', stable, 'image/png'));
    assert.deepEqual([answer.decision, answer.reasons, answer.review], ['auto', [], null]);
    const before = await bodyOf<Gated>(await get('/v1/gate'));
    assert.deepEqual([before.audit.state, before.audit.labels], ['too_few_labels', 0]);

    const { prediction } = (await store.records.find(answer.id))!;
    assert.deepEqual([prediction.reasons, prediction.inclusionProbability], [[], 1]);
    await settleAudits();
    const [item] = await bodyOf<ClaimedItem[]>(await postJson('/v1/reviews/claim', { limit: 1 }));
    assert.notEqual(item!.id, answer.id);
    const other = answer.label === 'dark' ? 'light' : 'dark';
    const put = await putJson(`${item!.href}/label`, { label: other, lease: item!.lease });
    assert.ok(put.ok);
    const doubted = await bodyOf<Gated>(await get('/v1/gate'));
    assert.deepEqual([doubted.audit.labels, doubted.audit.estimate], [0, null]);
    assert.deepEqual(doubted.audit.unjudged, { unconfirmed: 1, unreadable: 0, discarded: 0 });
    assert.ok((await postJson(`${item!.href}/settle`, { label: other })).ok);
    const { audit } = await bodyOf<Gated>(await get('/v1/gate'));
    assert.deepEqual([audit.labels, audit.estimate], [1, 1]);
    const final = await bodyOf<Answer>(await get(`/v1/predictions/${answer.id}`));
    assert.equal(final.label, other);
  });
});
