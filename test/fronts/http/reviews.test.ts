import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { z } from 'zod';
import {
  type ClaimedItem,
  claimedItemSchema,
  type LeadItem,
  leadItemSchema,
  type ReviewItem,
  reviewItemSchema,
} from '../../../src/wire/review-items.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const dark = await grayPng(0);
/** Of rising sensitivity. */
const unclear = await Promise.all([200, 180, 128].map((value) => grayPng(value)));

/** Sends every unclear image, a second apart; ids in that order. */
async function fill(service: Service): Promise<string[]> {
  const ids: string[] = [];
  for (const image of unclear) {
    const { id } = await bodyOf<Answer>(await service.post('/v1/predictions', image, 'image/png'));
    ids.push(id);
    service.clock.ms += 1000;
  }
  return ids;
}

const claim = async (service: Service, request: object = {}): Promise<ClaimedItem[]> =>
  bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', request));

describe('POST /v1/reviews/claim', () => {
  it('gives [] when nothing waits', async (t) => {
    const service = await startService(t);
    const response = await service.postJson('/v1/reviews/claim', { limit: 5, lease_seconds: 60 });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), []);
  });

  it('gives one item for five minutes where the request says nothing', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions', unclear[0]!, 'image/png');
    const response = await fetch(`${service.url}/v1/reviews/claim`, { method: 'POST' });
    const items = await bodyOf<ClaimedItem[]>(response);
    assert.equal(items.length, 1);
    assert.equal(items[0]!.lease_expires_at, new Date(NOON + 300_000).toISOString());
  });

  it('gives the most sensitive first', async (t) => {
    const service = await startService(t);
    const ids = await fill(service);
    const items = await claim(service, { limit: 2 });
    assert.deepEqual(
      items.map(({ id }) => id),
      [ids[2], ids[1]],
    );
  });

  it('gives exactly the members that are documented', async (t) => {
    const service = await startService(t);
    await fill(service);
    const [item] = await claim(service);
    z.strictObject(claimedItemSchema.shape).parse(item);
    assert.equal(item!.state, 'claimed');
    assert.equal(item!.reviewer, 'local');
  });

  it('gives an item to one reviewer at a time, and again once its lease has run out', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions', unclear[0]!, 'image/png');
    const [first] = await claim(service, { lease_seconds: 60 });
    assert.deepEqual(await claim(service), []);
    service.clock.ms += 60_001;
    const [second] = await claim(service);
    assert.equal(second!.id, first!.id);
    assert.notEqual(second!.lease, first!.lease);
  });

  for (const request of [
    { limit: 0 },
    { limit: 101 },
    { limit: 1.5 },
    { limit: '5' },
    { lease_seconds: 4 },
    { lease_seconds: 3601 },
    { count: 5 },
    [],
  ]) {
    it(`refuses ${JSON.stringify(request)}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await service.postJson('/v1/reviews/claim', request), 'invalid_request', 400);
    });
  }

  it('refuses what is not JSON', async (t) => {
    const service = await startService(t);
    await expectProblem(await service.post('/v1/reviews/claim', '{', 'application/json'), 'bad_json', 400);
    const response = await service.post('/v1/reviews/claim', '{}', 'text/plain');
    await expectProblem(response, 'unsupported_media_type', 415);
  });
});

describe('GET /v1/reviews', () => {
  const list = async (
    service: Service,
    query = '',
  ): Promise<{ items: LeadItem[]; next_cursor: string | null }> =>
    bodyOf(await service.get(`/v1/reviews${query}`));

  it('lists items, the newest first', async (t) => {
    const service = await startService(t);
    const ids = await fill(service);
    const { items, next_cursor } = await list(service);
    assert.deepEqual(
      items.map(({ id }) => id),
      ids.toReversed(),
    );
    assert.equal(next_cursor, null);
  });

  it('lists the most sensitive first where it is asked to', async (t) => {
    const service = await startService(t);
    const ids = await fill(service);
    const { items } = await list(service, '?order=most_sensitive&limit=1');
    assert.deepEqual(
      items.map(({ id }) => id),
      [ids[2]],
    );
  });

  it('goes on from a cursor until there is none', async (t) => {
    const service = await startService(t);
    await fill(service);
    const first = await list(service, '?limit=2');
    const second = await list(service, `?limit=2&cursor=${encodeURIComponent(first.next_cursor!)}`);
    assert.equal(first.items.length, 2);
    assert.equal(second.items.length, 1);
    assert.equal(second.next_cursor, null);
  });

  it('filters by state, reason and label', async (t) => {
    const service = await startService(t);
    await fill(service);
    const [item] = await claim(service);
    await service.putJson(`/v1/reviews/${item!.id}/label`, { label: 'light', lease: item!.lease });
    assert.equal((await list(service, '?state=pending')).items.length, 2);
    assert.equal((await list(service, '?state=labelled')).items.length, 1);
    assert.equal((await list(service, '?label=light')).items.length, 1);
    assert.equal((await list(service, '?label=dark')).items.length, 0);
    assert.equal((await list(service, '?reason=sensitive')).items.length, 3);
    assert.equal((await list(service, '?reason=audit')).items.length, 0);
  });

  it('gives leads exactly the members that are documented', async (t) => {
    const service = await startService(t);
    await fill(service);
    const { items } = await list(service);
    for (const item of items) z.strictObject(leadItemSchema.shape).parse(item);
    assert.deepEqual(items[0]!.reasons, ['sensitive']);
    assert.equal(items[0]!.prediction!.label, 'light');
  });

  it('leaves out automatic answers', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions', dark, 'image/png');
    assert.deepEqual((await list(service)).items, []);
  });

  for (const query of [
    'state=done',
    'reason=boredom',
    'order=oldest',
    'limit=0',
    'limit=101',
    'limit=x',
    'label=%00',
    'page=2',
  ]) {
    it(`refuses ?${query}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await service.get(`/v1/reviews?${query}`), 'invalid_request', 400);
    });
  }

  it('refuses a cursor that is none', async (t) => {
    const service = await startService(t);
    await expectProblem(await service.get('/v1/reviews?cursor=abc'), 'bad_cursor', 400);
  });
});

describe('GET /v1/reviews/{id}', () => {
  it('gives the item, from the place that the answer named, with exactly the members that are documented', async (t) => {
    const service = await startService(t);
    const posted = await service.post('/v1/predictions', unclear[0]!, 'image/png');
    const response = await service.get(posted.headers.get('location')!);
    assert.equal(response.status, 200);
    const item = z.strictObject(reviewItemSchema.shape).parse(await response.json());
    assert.equal(item.state, 'pending');
    assert.equal(item.created_at, '2026-01-01T12:00:00.000Z');
    assert.equal(item.label, null);
  });

  it('has no lease, not even while one is held', async (t) => {
    const service = await startService(t);
    const [id] = await fill(service);
    await claim(service, { limit: 3 });
    const item = await bodyOf<ReviewItem>(await service.get(`/v1/reviews/${id!}`));
    assert.equal(item.state, 'claimed');
    assert.ok(!('lease' in item));
  });

  it('gives the original bytes, as what they were sent, harmless wherever they are opened', async (t) => {
    const service = await startService(t);
    const [id] = await fill(service);
    const response = await service.get(`/v1/reviews/${id!}/image`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), unclear[0]);
    assert.equal(response.headers.get('content-type'), 'image/png');
    assert.equal(response.headers.get('content-disposition'), 'inline');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.match(response.headers.get('content-security-policy')!, /^sandbox; default-src 'none'/);
  });

  it('gives and keeps no Exif, but the turn of the image', async (t) => {
    const service = await startService(t);
    const sent = await sharp(unclear[0])
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD0: { Artist: 'Ada Lovelace' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
      .toBuffer();
    assert.ok(sent.includes('Lovelace'));
    const posted = await service.post('/v1/predictions', sent, 'image/jpeg');
    const { id, review } = await bodyOf<Answer>(posted);
    assert.ok(review, 'the image is unclear');
    const stored = await service.store.images.get(id);
    const given = Buffer.from(await (await service.get(`${review.href}/image`)).arrayBuffer());
    assert.deepEqual(Buffer.from(stored!.bytes), given);
    assert.ok(!given.includes('Lovelace'));
    assert.equal((await sharp(given).metadata()).orientation, 6);
    const pixels = (file: Buffer) => sharp(file).autoOrient().raw().toBuffer();
    assert.deepEqual(await pixels(given), await pixels(sent));
  });

  it('gives the sensitivity map as PNG', async (t) => {
    const service = await startService(t);
    const [id] = await fill(service);
    const item = await bodyOf<ReviewItem>(await service.get(`/v1/reviews/${id!}`));
    const response = await service.get(item.sensitivity_map_href);
    assert.equal(response.headers.get('content-type'), 'image/png');
    assert.equal(
      Buffer.from(await response.arrayBuffer())
        .subarray(1, 4)
        .toString(),
      'PNG',
    );
  });

  it('knows nothing of what is not in review', async (t) => {
    const service = await startService(t);
    const { id } = await bodyOf<Answer>(await service.post('/v1/predictions', dark, 'image/png'));
    for (const path of [
      id,
      `${id}/image`,
      `${id}/sensitivity.png`,
      'none',
      'none/image',
      'none/sensitivity.png',
    ]) {
      await expectProblem(await service.get(`/v1/reviews/${path}`), 'unknown_item', 404);
    }
  });
});
