import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { imagesApart } from '../../../src/store/shared/images-apart.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { imagesInMemory } from '../../../support/store-images.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { ask, until } from './idle-readers.ts';
import { bodyOf, startService } from './service.ts';

/** More than two kernels' buffers hold, so that an answer that nobody reads stays here. */
const IMAGE_BYTES = 12_000_000;
const MOST = 4 * IMAGE_BYTES;
/** Two of them, and the errors that others are told. */
const SHARE = 2 * IMAGE_BYTES + 1_000_000;

/** A service with one review image that is far larger than its pixels. */
async function withLargeImage(t: TestContext, stallMs: number, trustedProxies: readonly string[] = []) {
  let reads = 0;
  const metrics = new Metrics(Date.now);
  const images = imagesInMemory();
  const counting = {
    ...images,
    get: (id: string) => {
      reads++;
      return images.get(id);
    },
  };
  const service = await startService(t, {
    metrics,
    callLimits: { requestsPerMinute: null, failuresPerMinute: 1000, trustedProxies },
    openStore: async (now, overlaps) =>
      imagesApart(await openSqliteStore({ file: ':memory:', now, overlaps }), counting),
    limits: {
      ...{ maxBodyBytes: SHARE, maxInflightBytes: 10 * SHARE, maxDownloadBytes: MOST },
      ...{ maxParts: 64, maxDeadlineMs: 60_000, stallMs },
    },
  });
  const answer = await service.post('/v1/predictions', await grayPng(128), 'image/png');
  const { id } = await bodyOf<{ id: string }>(answer);
  assert.ok(images.kept.has(id), 'the image is in review');
  images.kept.set(id, { bytes: Buffer.alloc(IMAGE_BYTES), contentType: 'image/png' });
  const held = async (): Promise<number> => {
    const line = /^sensigate_inflight_bytes\{way="download"\} (\d+)$/m.exec(await metrics.exposition());
    return Number(line?.[1]);
  };
  reads = 0;
  return { service, path: `/v1/reviews/${id}/image`, held, reads: () => reads };
}

describe('images that nobody reads', () => {
  it('take no more than the share of their caller, and are not even loaded beyond it', async (t) => {
    const { service, path, held, reads } = await withLargeImage(t, 60_000);
    for (let i = 0; i < 60; i++) ask(t, service.port, path);
    await until(async () => (await held()) >= IMAGE_BYTES);
    await expectProblem(await service.get(path), 'downloads_busy', 503);
    assert.ok((await held()) <= SHARE);
    assert.ok(reads() <= 2, `${reads()} images were loaded`);
  });

  it('are given up when nothing is read for a while, and others are sent again', async (t) => {
    const { service, path, held } = await withLargeImage(t, 200);
    for (let i = 0; i < 4; i++) ask(t, service.port, path);
    await until(async () => (await held()) >= IMAGE_BYTES);
    await until(async () => (await held()) === 0);
    const response = await service.get(path);
    assert.equal((await response.arrayBuffer()).byteLength, IMAGE_BYTES);
    await until(async () => (await held()) === 0);
  });

  it('take nothing any more when their connections end, also those behind others on one', async (t) => {
    const { service, path, held } = await withLargeImage(t, 60_000);
    const socket = ask(t, service.port, path);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(5));
    await until(async () => (await held()) >= IMAGE_BYTES);
    socket.destroy();
    await until(async () => (await held()) === 0);
  });
});

describe('small answers that nobody reads', () => {
  /** Far more than kernels hold, of answers that are free one by one. */
  const TIMES = 40_000;

  it('are charged where many wait on one connection, and cut off like any other', async (t) => {
    const { service, held } = await withLargeImage(t, 1000);
    const socket = ask(t, service.port, '/healthz', { times: TIMES });
    let most = 0;
    await until(async () => {
      most = Math.max(most, await held());
      return socket.destroyed || socket.closed || (most > 0 && (await held()) === 0);
    });
    assert.ok(most > 0 && most <= SHARE, `${most} bytes were charged`);
  });
});

describe('files that anybody may have, and nobody reads', () => {
  it('end their connection when not even an error fits beside them', async (t) => {
    const { service, held } = await withLargeImage(t, 600_000);
    let ended = false;
    service.http.server.once('connection', (socket: Socket) => {
      socket.once('close', () => (ended = true));
    });
    // More than half of the budget in pieces, and then more errors than fit into what is left.
    ask(t, service.port, '/docs/swagger-ui-bundle.js', { times: 600 });
    await until(() => ended);
    assert.equal(await held(), 0);
  });

  it('take half of the budget at most, from however many addresses: callers have the rest', async (t) => {
    const { service, path, held } = await withLargeImage(t, 60_000, ['loopback']);
    for (let i = 1; i <= 8; i++)
      ask(t, service.port, '/docs/swagger-ui-bundle.js', { times: 100, from: `203.0.113.${i}` });
    await until(async () => (await held()) > MOST / 4);
    const response = await service.get(path);
    assert.equal((await response.arrayBuffer()).byteLength, IMAGE_BYTES);
    assert.ok((await held()) <= MOST / 2);
  });
});
