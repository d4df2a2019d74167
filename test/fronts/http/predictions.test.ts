import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { z } from 'zod';
import { answerSchema } from '../../../src/wire/answers.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { haltEngine } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { bodyOf, startService } from './service.ts';

const dark = await grayPng(0);
const unclear = await grayPng(128);

const form = (...images: readonly Buffer[]): FormData => {
  const data = new FormData();
  images.forEach((image, i) => {
    data.append('image', new Blob([new Uint8Array(image)], { type: 'image/png' }), `${i}.png`);
  });
  return data;
};

describe('POST /v1/predictions', () => {
  it('answers one stable image with 200, the answer alone, and its label', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', dark, 'image/png');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(response.headers.get('location'), null);
    const answer = await bodyOf<Answer>(response);
    assert.equal(answer.decision, 'auto');
    assert.equal(answer.label, 'dark');
  });

  it('answers one sensitive image with 202 and the place of its review item', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', unclear, 'image/png');
    assert.equal(response.status, 202);
    const answer = await bodyOf<Answer>(response);
    assert.equal(answer.label, null);
    assert.equal(response.headers.get('location'), `/v1/reviews/${answer.id}`);
  });

  it('sends a damaged file to a person and says what is damaged, however sure the answer', async (t) => {
    const service = await startService(t);
    const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#000' } })
      .jpeg()
      .toBuffer();
    const end = whole.length - 2;
    const damaged = Buffer.concat([whole.subarray(0, end), Buffer.alloc(40, 1), whole.subarray(end)]);
    const auto = await bodyOf<Answer>(await service.post('/v1/predictions', whole, 'image/jpeg'));
    assert.equal(auto.decision, 'auto');
    assert.equal(auto.damage, undefined);
    const response = await service.post('/v1/predictions', damaged, 'image/jpeg');
    assert.equal(response.status, 202);
    const answer = await bodyOf<Answer>(response);
    assert.deepEqual(answer.reasons, ['damaged_image']);
    assert.match(answer.damage!, /40 bytes of data are left over/);
    assert.equal(answer.label, null);
    assert.equal(
      (await bodyOf<Answer>(await service.get(`/v1/predictions/${answer.id}`))).damage,
      answer.damage,
    );
  });

  it('gives exactly the members that are documented', async (t) => {
    const service = await startService(t);
    const answer = await bodyOf(await service.post('/v1/predictions', unclear, 'image/png'));
    z.strictObject(answerSchema.shape).parse(answer);
  });

  it('takes the type with parameters and in capitals', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', dark, 'Image/PNG; name=a');
    assert.equal(response.status, 200);
  });

  it('takes an image as base64 in JSON', async (t) => {
    const service = await startService(t);
    const response = await service.postJson('/v1/predictions', { image: dark.toString('base64') });
    assert.equal(response.status, 200);
    assert.equal((await bodyOf<Answer>(response)).label, 'dark');
  });

  it('takes no other encoding for base64, and says which it takes', async (t) => {
    const service = await startService(t);
    // Bytes that base64 and base64url write differently, behind the end of the image.
    const image = Buffer.concat([
      dark,
      Buffer.from('fbefbefffffe', 'hex'),
      Buffer.alloc((5 - (dark.length % 3)) % 3),
    ]);
    const base64 = image.toString('base64');
    assert.match(base64, /[+/].*=$/);
    assert.equal((await service.postJson('/v1/predictions', { image: base64 })).status, 200);
    for (const other of [
      image.toString('base64url'),
      base64.replaceAll('+', '-').replaceAll('/', '_'),
      base64.replace('/', '_'),
      base64.replace(/=+$/, ''),
      `${base64}=`,
      `${base64}\n`,
      ` ${base64}`,
      `data:image/png;base64,${base64}`,
    ]) {
      const { detail } = await expectProblem(
        await service.postJson('/v1/predictions', { image: other }),
        'invalid_request',
        400,
      );
      assert.match(detail, /standard base64.*not base64url/);
    }
  });

  it('answers a form with one part as it answers one image', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', form(unclear));
    assert.equal(response.status, 202);
    const answer = await bodyOf<Answer>(response);
    assert.equal(response.headers.get('location'), `/v1/reviews/${answer.id}`);
  });

  it('answers a form with several parts in their order, with 202 where any is in review', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', form(dark, unclear, await grayPng(255)));
    assert.equal(response.status, 202);
    assert.equal(response.headers.get('location'), null);
    const { predictions } = await bodyOf<{ predictions: Answer[] }>(response);
    assert.deepEqual(
      predictions.map(({ label }) => label),
      ['dark', null, 'light'],
    );
  });

  it('answers a form of stable images with 200', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', form(dark, dark));
    assert.equal(response.status, 200);
  });

  it('takes 64 parts', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', form(...Array<Buffer>(64).fill(dark)));
    assert.equal((await bodyOf<{ predictions: Answer[] }>(response)).predictions.length, 64);
  });

  it('measures exactly where it is asked to, and estimates where the query is empty', async (t) => {
    const service = await startService(t);
    const methodOf = async (query: string): Promise<string> => {
      const answer = await bodyOf<Answer>(await service.post(`/v1/predictions${query}`, dark, 'image/png'));
      return answer.sensitivity!.method;
    };
    assert.equal(await methodOf('?method=exact'), 'exact');
    assert.equal(await methodOf(''), 'estimate');
  });

  it('measures transformations where it is asked to', async (t) => {
    const service = await startService(t);
    const signalsOf = async (query: string): Promise<Answer['signals']> =>
      (await bodyOf<Answer>(await service.post(`/v1/predictions${query}`, dark, 'image/png'))).signals;
    assert.ok('agreement' in (await signalsOf('?transforms=true')));
    assert.ok(!('agreement' in (await signalsOf(''))));
  });

  it('sends to review what is not measured by the deadline of the request', async (t) => {
    const service = await startService(t);
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const response = await service.post('/v1/predictions?deadline_ms=20', dark, 'image/png');
    assert.equal(response.status, 202);
    const { reasons, prediction, sensitivity } = await bodyOf<Answer>(response);
    assert.deepEqual([reasons, prediction, sensitivity], [['over_budget'], null, null]);
  });

  for (const [query, path] of [
    ['method=guess', 'method'],
    ['deadline_ms=0', 'deadline_ms'],
    ['deadline_ms=60001', 'deadline_ms'],
    ['deadline_ms=soon', 'deadline_ms'],
    ['method=exact&method=estimate', 'method'],
    ['metod=exact', ''],
  ] as const) {
    it(`refuses ?${query} and says what is wrong`, async (t) => {
      const service = await startService(t);
      const response = await service.post(`/v1/predictions?${query}`, dark, 'image/png');
      const problem = await expectProblem(response, 'invalid_request', 400);
      assert.deepEqual(
        (problem.errors as { path: string }[]).map((issue) => issue.path),
        [path],
      );
    });
  }
});

describe('GET /v1/predictions/{id}', () => {
  it('gives the stored answer, without how long it took', async (t) => {
    const service = await startService(t);
    const posted = await service.post('/v1/predictions', dark, 'image/png');
    const { timing_ms, ...answer } = await bodyOf<Answer>(posted);
    const response = await service.get(`/v1/predictions/${answer.id}`);
    assert.equal(response.status, 200);
    assert.deepEqual(await bodyOf(response), answer);
    assert.ok(timing_ms);
  });

  it('gives the person’s label and who gave it, once there is one', async (t) => {
    const service = await startService(t);
    const { id } = await bodyOf<Answer>(await service.post('/v1/predictions', unclear, 'image/png'));
    const [claim] = await bodyOf<{ lease: string }[]>(await service.postJson('/v1/reviews/claim', {}));
    await service.putJson(`/v1/reviews/${id}/label`, { label: 'light', lease: claim!.lease });
    const answer = await bodyOf<Answer>(await service.get(`/v1/predictions/${id}`));
    assert.equal(answer.label, 'light');
    assert.deepEqual(answer.review, {
      id,
      state: 'labelled',
      href: `/v1/reviews/${id}`,
      labelled_by: 'local',
    });
  });

  for (const id of ['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'no-such-id', '%00', 'x'.repeat(1000)]) {
    it(`knows no ${id.slice(0, 30)}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await service.get(`/v1/predictions/${id}`), 'unknown_item', 404);
    });
  }
});
