import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { ClaimedItem, ReviewItem } from '../../../src/wire/review-items.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { grayPng, model } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';
import { recordOne } from '../../../support/record-one.ts';

const unclear = await grayPng(128);
const FORMER_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const FORMER = `sha256:${'f'.repeat(64)}`;

/**
 * A service whose data folder holds an item of a model served before, more urgent than the one of its own.
 */
async function afterAnotherModel(t: TestContext): Promise<{ service: Service; own: string }> {
  const service = await startService(t);
  const { id } = await bodyOf<Answer>(await service.post('/v1/predictions', unclear, 'image/png'));
  const { prediction } = (await service.store.records.find(id))!;
  await recordOne(
    service.store,
    {
      ...prediction,
      id: FORMER_ID,
      createdMs: NOON - 1000,
      modelDigest: FORMER,
      priority: Number.MAX_VALUE,
      answer: { ...prediction.answer, model: { name: 'day-or-night', digest: FORMER } },
    },
    { bytes: unclear, contentType: 'image/png' },
  );
  return { service, own: id };
}

describe('an item of a model that is not served any more', () => {
  it('is not given to a reviewer, who could not label it', async (t) => {
    const { service, own } = await afterAnotherModel(t);
    const claim = async () =>
      bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', { limit: 10 }));
    assert.deepEqual(
      (await claim()).map(({ id, model_digest, model_served }) => [id, model_digest, model_served]),
      [[own, model.digest, true]],
    );
    assert.deepEqual(await claim(), []);
  });

  it('is listed as waiting, with the name of its model', async (t) => {
    const { service, own } = await afterAnotherModel(t);
    const { items } = await bodyOf<{ items: ReviewItem[] }>(await service.get('/v1/reviews?state=pending'));
    assert.deepEqual(
      items.map(({ id, model_name, model_digest, model_served }) => [
        id,
        model_name,
        model_digest,
        model_served,
      ]),
      [
        [own, 'dark-or-light', model.digest, true],
        [FORMER_ID, 'day-or-night', FORMER, false],
      ],
    );
  });

  it('can be looked at', async (t) => {
    const { service } = await afterAnotherModel(t);
    const item = await bodyOf<ReviewItem>(await service.get(`/v1/reviews/${FORMER_ID}`));
    assert.deepEqual([item.state, item.model_served], ['pending', false]);
    const image = await service.get(item.image_href);
    assert.deepEqual(Buffer.from(await image.arrayBuffer()), unclear);
  });

  it('has no map here', async (t) => {
    const { service } = await afterAnotherModel(t);
    const problem = await expectProblem(
      await service.get(`/v1/reviews/${FORMER_ID}/sensitivity.png`),
      'no_map',
      409,
    );
    assert.ok(problem.detail.includes(FORMER) && problem.detail.includes(model.digest));
  });

  it('cannot be labelled here by whoever held it when the model changed, but be given back', async (t) => {
    const { service } = await afterAnotherModel(t);
    const [held] = await service.store.reviewing.claim({
      ...{ reviewer: 'local', modelDigest: FORMER, limit: 1, leaseMs: 60_000 },
    });
    const { lease } = held!;
    const refused = await service.putJson(`/v1/reviews/${FORMER_ID}/label`, { label: 'dark', lease });
    const problem = await expectProblem(refused, 'another_model', 409);
    assert.ok(problem.detail.includes(FORMER));
    const given = await service.postJson(`/v1/reviews/${FORMER_ID}/release`, { lease });
    assert.equal(given.status, 204);
  });
});
