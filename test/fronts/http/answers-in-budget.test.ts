import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import express, { type RequestHandler } from 'express';
import type { Page, PageFile } from '../../../src/fronts/http/routes/page-files.ts';
import { answerProblem } from '../../../src/fronts/http/problems.ts';
import {
  createDownloads,
  FREE_BYTES,
  HEAD_BYTES,
  withDownloads,
} from '../../../src/fronts/http/server/downloads.ts';
import { withContext } from '../../../src/fronts/http/server/request-context.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { imagesApart } from '../../../src/store/shared/images-apart.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { imagesInMemory } from '../../../support/store-images.ts';
import { grayPng, model } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { ask, until } from './idle-readers.ts';
import { operationsOf } from './operations.ts';
import { bodyOf, type Service, startService } from './service.ts';

/** More than two kernels' buffers hold, so that an answer that nobody reads stays here. */
const LARGE_IMAGE = 12_000_000;
const NOTE = 'n'.repeat(2000);

const pageFile = (contentType: string): PageFile => {
  const bytes = randomBytes(100_000);
  return { contentType, bytes, gzipped: gzipSync(bytes), etag: '"1"' };
};
const PAGE: Page = {
  html: pageFile('text/html; charset=utf-8'),
  assets: new Map([['a.js', pageFile('text/javascript')]]),
};

interface Filled extends Service {
  /** An item whose image is large, and one that has been answered and taken back many times. */
  readonly large: string;
  readonly told: string;
  readonly metrics: Metrics;
}

/** A service of which everything that can be asked for is large. */
async function filledService(t: TestContext): Promise<Filled> {
  const metrics = new Metrics(Date.now);
  const images = imagesInMemory();
  const labels = Array.from({ length: 2000 }, (_, i) => `label number ${i}`);
  const service = await startService(t, {
    ...{
      metrics,
      page: PAGE,
      model: { ...model.manifest, digest: model.digest, labels: ['dark', ...labels] },
    },
    openStore: async (now, overlaps) =>
      imagesApart(await openSqliteStore({ file: ':memory:', now, overlaps }), images),
    limits: {
      ...{ maxBodyBytes: 2 * LARGE_IMAGE, maxInflightBytes: 20 * LARGE_IMAGE },
      // One large image spends it, and more: it is sent alone.
      ...{ maxDownloadBytes: LARGE_IMAGE - 100_000, maxParts: 64, maxDeadlineMs: 60_000, stallMs: 60_000 },
    },
  });
  for (let i = 0; i < 3; i++) await service.post('/v1/predictions', await manyImages(64));
  const claimed = await bodyOf<{ id: string; lease: string }[]>(
    await service.postJson('/v1/reviews/claim', { limit: 40 }),
  );
  const [told, large] = claimed.slice(-2).map(({ id }) => id) as [string, string];
  let lease = claimed.at(-2)!.lease;
  for (let i = 0; i < 20; i++) {
    await service.putJson(`/v1/reviews/${told}/discard`, { lease, note: NOTE });
    ({ lease } = await bodyOf<{ lease: string }>(await service.postJson(`/v1/reviews/${told}/undo`, {})));
  }
  for (const { id, lease } of claimed.slice(0, -2))
    await service.putJson(`/v1/reviews/${id}/label`, { lease, label: 'dark', note: NOTE });
  await service.postJson('/v1/labels/seal', {});
  images.kept.set(large, { bytes: Buffer.alloc(LARGE_IMAGE), contentType: 'image/png' });
  return { ...service, large, told, metrics };
}

async function manyImages(count: number): Promise<FormData> {
  const form = new FormData();
  const png = new Blob([new Uint8Array(await grayPng(128))], { type: 'image/png' });
  for (let i = 0; i < count; i++) form.append('image', png, 'a.png');
  return form;
}

/** What is asked for of an operation, where that is more than its path: all that it gives at a time. */
const QUERIES: Readonly<Record<string, string>> = {
  listReviews: '?limit=100',
  getAuditTrail: '?limit=500',
  getDayStatistics: '?days=92',
};

/** Answers by operation: its status, its code if it was refused, and its bytes. */
async function answersOf(service: Filled) {
  const document = await service.get('/openapi.json');
  const operations = document.ok ? await operationsOf(document) : [];
  return async (): Promise<Map<string, { status: number; code: string | null; bytes: number }>> => {
    const answers = new Map<string, { status: number; code: string | null; bytes: number }>();
    for (const { operationId, method, path } of operations) {
      const id = operationId === 'getReviewHistory' ? service.told : service.large;
      const file = path.startsWith('/docs') ? 'swagger-ui-bundle.js' : 'a.js';
      const whole = path.replace('{id}', id).replace('{file}', file) + (QUERIES[operationId] ?? '');
      const json = { 'content-type': 'application/json' };
      const init: RequestInit =
        operationId === 'predict'
          ? { method, body: await manyImages(64) }
          : operationId === 'claimReviews'
            ? { method, headers: json, body: '{"limit":100}' }
            : { method, ...(method === 'GET' || method === 'DELETE' ? {} : { headers: json, body: '{}' }) };
      // Nothing is taken from this: it is the one item that is asked for again.
      if (method === 'DELETE') continue;
      const response = await fetch(service.url + whole, init);
      const bytes = Buffer.from(await response.arrayBuffer());
      const isProblem = response.headers.get('content-type') === 'application/problem+json';
      const code = isProblem ? (JSON.parse(bytes.toString()) as { code: string }).code : null;
      answers.set(operationId, { status: response.status, code, bytes: bytes.length });
    }
    return answers;
  };
}

describe('an answer of more than 16 kB', () => {
  it('is taken from the budget whatever is asked for, and refused where that is spent', async (t) => {
    const service = await filledService(t);
    const askAll = await answersOf(service);
    const free = await askAll();
    const large = [...free].filter(([, { bytes }]) => bytes > FREE_BYTES).map(([operation]) => operation);
    // Of these it is known that they can be large; a new one need not stand here to be looked at.
    for (const operation of [
      ...['predict', 'listReviews', 'claimReviews', 'getReviewImage', 'getReviewHistory', 'exportLabels'],
      ...['getAuditTrail', 'getModel', 'getOpenApi', 'getDocsFile', 'getPage', 'getPageFile', 'getMetrics'],
    ])
      assert.ok(large.includes(operation), `${operation}: ${JSON.stringify(free.get(operation))}`);

    ask(t, service.port, `/v1/reviews/${service.large}/image`);
    const held = async (): Promise<number> =>
      Number(/_inflight_bytes\{way="download"\} (\d+)/.exec(await service.metrics.exposition())?.[1]);
    await until(async () => (await held()) > LARGE_IMAGE - FREE_BYTES);
    const spent = await askAll();
    assert.deepEqual([...spent.keys()], [...free.keys()]);
    for (const [operation, { status, code, bytes }] of spent) {
      // It has bytes of its own: whoever watches the service has to see that others are refused.
      if (operation === 'getMetrics') continue;
      assert.ok(bytes <= FREE_BYTES, `${operation} sent ${bytes} bytes: ${status}`);
      if (large.includes(operation)) assert.equal(code, 'downloads_busy', operation);
    }
    assert.ok((await held()) <= LARGE_IMAGE + HEAD_BYTES);
  });

  it('to an act is refused before that is done', async (t) => {
    const service = await filledService(t);
    const queue = async () => (await service.store.figures.statistics()).items;
    ask(t, service.port, `/v1/reviews/${service.large}/image`);
    await until(async () => (await service.post('/v1/predictions', await manyImages(64))).status === 503);
    const before = await queue();
    await expectProblem(await service.post('/v1/predictions', await manyImages(64)), 'downloads_busy', 503);
    const claim = await service.postJson('/v1/reviews/claim', { limit: 100 });
    await expectProblem(claim, 'downloads_busy', 503);
    assert.deepEqual(await queue(), before);
    // Small ones go on.
    assert.equal((await service.post('/v1/predictions', await grayPng(255), 'image/png')).status, 200);
  });
});

/** A route that knows nothing of the budget. */
async function serviceWith(
  t: TestContext,
  handle: RequestHandler,
): Promise<{ url: string; logged: string[] }> {
  const logged: string[] = [];
  const app = express();
  app.use(
    withContext(),
    withDownloads(createDownloads({ mostBytes: 1e8, mostOfCaller: 1e8, stallMs: 1000 })),
  );
  app.get('/', handle);
  app.use(answerProblem(createLog('error', { write: (line) => logged.push(line) })));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, logged };
}

describe('a route that sends past the budget', () => {
  const large = Buffer.alloc(3 * FREE_BYTES, 'x');
  const ways: Readonly<Record<string, RequestHandler>> = {
    end: (_request, response) => response.end(large),
    'a head and then end': (_request, response) => response.writeHead(200).end(large.toString()),
    'Express’s send': (_request, response) => response.send(large),
    'Express’s json': (_request, response) => response.json({ large: large.toString() }),
    'many small writes': (_request, response) => {
      for (let i = 0; i < 50_000; i++) response.write(large.subarray(0, 1000));
      response.end();
    },
    'a stream that does not wait': (_request, response) => {
      const pieces = Readable.from(Array.from({ length: 50_000 }, () => large.subarray(0, 1000)));
      pieces.once('end', () => response.end());
      pieces.on('data', (piece) => {
        try {
          response.write(piece);
        } catch {
          response.destroy();
        }
      });
    },
  };
  for (const [way, handle] of Object.entries(ways)) {
    it(`by ${way} sends no whole answer`, async (t) => {
      const { url } = await serviceWith(t, handle);
      const answer = fetch(url).then(async (response) => ({
        status: response.status,
        bytes: (await response.arrayBuffer()).byteLength,
      }));
      const found = await answer.catch(() => null);
      assert.ok(found === null || (found.status === 500 && found.bytes < 1000), JSON.stringify(found));
    });
  }

  it('is told of in the log', async (t) => {
    const { url, logged } = await serviceWith(t, (_request, response) => response.end(large));
    assert.equal((await fetch(url)).status, 500);
    assert.match(logged.join('\n'), /reserved before they are sent/);
  });
});
