import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import sharp from 'sharp';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { type Service, startService } from './service.ts';

const dark = await grayPng(0);
const tooManyPixels = await grayPng(0, 101);
const noise = await sharp({
  create: {
    width: 90,
    height: 90,
    channels: 3,
    background: '#000',
    noise: { type: 'gaussian', mean: 99, sigma: 30 },
  },
})
  .png()
  .toBuffer();

/** A multipart body as bytes, for what no client would send on purpose. */
const multipart = (...parts: readonly string[]): string =>
  [...parts.map((part) => `--xyz\r\n${part}\r\n`), '--xyz--\r\n'].join('');
const MULTIPART = 'multipart/form-data; boundary=xyz';
const file = (name: string, content = 'x') =>
  `Content-Disposition: form-data; name="${name}"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n${content}`;
const field = (name: string, content: string) =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${content}`;

/** The same bytes without a Content-Length. */
const streamed = (service: Service, body: Uint8Array, type: string): Promise<Response> =>
  fetch(`${service.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Readable.toWeb(Readable.from([body])) as ReadableStream,
    duplex: 'half',
  });

async function nothingIsStored(service: Service): Promise<void> {
  const { items } = (await (await service.get('/v1/reviews')).json()) as { items: unknown[] };
  assert.deepEqual(items, []);
}

describe('an image that is refused', () => {
  const cases = [
    ['empty', '', 'empty_image', 400],
    ['neither JPEG nor PNG nor WebP', Buffer.alloc(500, 7), 'unsupported_image_type', 415],
    [
      'SVG that calls itself PNG',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
      'unsupported_image_type',
      415,
    ],
    [
      'no PNG behind its signature',
      Buffer.concat([dark.subarray(0, 8), Buffer.alloc(99)]),
      'unreadable_image',
      422,
    ],
    ['cut off in the middle', noise.subarray(0, noise.length / 2), 'truncated_image', 422],
    ['of too many pixels', tooManyPixels, 'image_too_large', 413],
  ] as const;
  for (const [what, body, code, status] of cases) {
    it(`is ${what}: ${code}`, async (t) => {
      const service = await startService(t);
      const response = await service.post('/v1/predictions', body, 'image/png');
      const problem = await expectProblem(response, code, status);
      assert.equal(problem.position, 0);
    });
  }

  it('is named by its position among several, and nothing is stored', async (t) => {
    const service = await startService(t);
    const data = new FormData();
    for (const bytes of [await grayPng(128), Buffer.alloc(50, 7)])
      data.append('image', new Blob([bytes]), 'a.png');
    const problem = await expectProblem(
      await service.post('/v1/predictions', data),
      'unsupported_image_type',
      415,
    );
    assert.equal(problem.position, 1);
    await nothingIsStored(service);
  });
});

describe('a body that is refused', () => {
  for (const type of ['image/svg+xml', 'application/octet-stream', 'text/plain', 'image/gif']) {
    it(`has the type ${type}, and the answer names those that are taken`, async (t) => {
      const service = await startService(t);
      const problem = await expectProblem(
        await service.post('/v1/predictions', dark, type),
        'unsupported_media_type',
        415,
      );
      assert.deepEqual(problem.accepted, [
        'image/jpeg',
        'image/png',
        'image/webp',
        'multipart/form-data',
        'application/json',
      ]);
    });
  }

  it('has no type at all', async (t) => {
    const service = await startService(t);
    await expectProblem(
      await service.post('/v1/predictions', new Blob([new Uint8Array(dark)])),
      'unsupported_media_type',
      415,
    );
  });

  it('is compressed', async (t) => {
    const service = await startService(t);
    for (const type of ['image/png', 'application/json']) {
      const response = await fetch(`${service.url}/v1/predictions`, {
        method: 'POST',
        body: 'x',
        headers: { 'content-type': type, 'content-encoding': 'gzip' },
      });
      await expectProblem(response, 'unsupported_media_type', 415);
    }
  });

  const large = Buffer.alloc(100_001, 'x');
  const largeForm = Buffer.from(
    multipart(file('image', 'x'.repeat(60_000)), file('image', 'x'.repeat(60_000))),
  );
  for (const [type, body] of [
    ['image/png', large],
    ['application/json', large],
    [MULTIPART, largeForm],
  ] as const) {
    it(`is too large, as ${type.split(';')[0]!}`, async (t) => {
      const service = await startService(t);
      const problem = await expectProblem(
        await service.post('/v1/predictions', body, type),
        'body_too_large',
        413,
      );
      assert.equal(problem.max_bytes, 100_000);
    });

    it(`is too large without saying so in advance, as ${type.split(';')[0]!}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await streamed(service, body, type), 'body_too_large', 413);
    });
  }

  it('is not JSON', async (t) => {
    const service = await startService(t);
    await expectProblem(await service.post('/v1/predictions', '{', 'application/json'), 'bad_json', 400);
  });

  it('is said to be JSON in UTF-8 and is not', async (t) => {
    const service = await startService(t);
    const latin = Buffer.from('{"image": "\u00e9"}', 'latin1');
    await expectProblem(await service.post('/v1/predictions', latin, 'application/json'), 'bad_json', 400);
  });

  it('is JSON in another encoding than UTF-8', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', '{}', 'application/json; charset=latin-9');
    await expectProblem(response, 'unsupported_media_type', 415);
  });

  for (const [what, json, path] of [
    ['has no image', {}, 'image'],
    ['is an array', [], ''],
    ['has a number for an image', { image: 5 }, 'image'],
    ['has a data: URL', { image: `data:image/png;base64,${dark.toString('base64')}` }, 'image'],
    ['has line breaks in its base64', { image: `${dark.toString('base64')}\n` }, 'image'],
    ['has more than is known', { image: dark.toString('base64'), images: [] }, ''],
  ] as const) {
    it(`is JSON that ${what}`, async (t) => {
      const service = await startService(t);
      const problem = await expectProblem(
        await service.postJson('/v1/predictions', json),
        'invalid_request',
        400,
      );
      assert.deepEqual(
        (problem.errors as { path: string }[]).map((issue) => issue.path),
        [path],
      );
    });
  }

  const forms = [
    ['has no part', multipart(), 'no_image', 400],
    ['has a part of another name', multipart(file('photo')), 'unexpected_part', 400],
    [
      'has a text field of another name',
      multipart(file('image'), field('method', 'exact')),
      'unexpected_part',
      400,
    ],
    ['has text where a file should be', multipart(field('image', 'hello')), 'part_without_file', 400],
    [
      'has long text where a file should be',
      multipart(field('image', 'x'.repeat(5000))),
      'part_without_file',
      400,
    ],
    [
      'has a file without a name among others',
      multipart(
        file('image'),
        file('image').replace('a.png', '').replace('image/png', 'application/octet-stream'),
      ),
      'part_without_file',
      400,
    ],
    [
      'has a part without Content-Disposition among others',
      multipart(file('image'), 'Content-Type: image/png\r\n\r\nx', file('image')),
      'malformed_multipart',
      400,
    ],
    [
      'has a part that is an attachment',
      multipart(file('image'), file('image').replace('form-data', 'attachment')),
      'malformed_multipart',
      400,
    ],
    [
      'has its delimiter in an image',
      multipart(file('image', 'x\r\n--xyzw'), file('image')),
      'malformed_multipart',
      400,
    ],
    ['has 65 parts', multipart(...Array<string>(65).fill(file('image'))), 'too_many_parts', 400],
    ['has a malformed part header', multipart('Content-Disposition\r\n\r\nx'), 'malformed_multipart', 400],
    ['breaks off', multipart(file('image')).slice(0, -10), 'malformed_multipart', 400],
    [
      'has no part with a name',
      multipart('Content-Disposition: form-data; filename="a.png"\r\n\r\nx'),
      'malformed_multipart',
      400,
    ],
  ] as const;
  for (const [what, body, code, status] of forms) {
    it(`is a form that ${what}: ${code}`, async (t) => {
      const service = await startService(t);
      await expectProblem(await service.post('/v1/predictions', body, MULTIPART), code, status);
      await nothingIsStored(service);
    });
  }

  it('is a form without a boundary', async (t) => {
    const service = await startService(t);
    const response = await service.post('/v1/predictions', multipart(file('image')), 'multipart/form-data');
    await expectProblem(response, 'malformed_multipart', 400);
  });
});

describe('a body of JSON', () => {
  const json = JSON.stringify({ image: dark.toString('base64') });
  for (const [what, body, type] of [
    ['a byte order mark', `\ufeff${json}`, 'application/json'],
    ['a charset that it names', json, 'application/json; charset="UTF-8"'],
  ] as const) {
    it(`is taken with ${what}`, async (t) => {
      const service = await startService(t);
      assert.equal((await service.post('/v1/predictions', body, type)).status, 200);
    });
  }
});

describe('an upload that its sender gives up', () => {
  const giveUp = async (t: TestContext, type: string, start: string | Buffer): Promise<Service> => {
    const service = await startService(t);
    const socket = connect(service.port, '127.0.0.1');
    socket.write(
      `POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 9999\r\n\r\n`,
    );
    socket.write(start);
    await new Promise((resolve) => setImmediate(resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    // The service has begun to read when it answers another request that came later.
    await service.get('/healthz');
    socket.destroy();
    await closed;
    while (!service.logged.some(({ route }) => route === '/v1/predictions')) await service.get('/healthz');
    return service;
  };

  for (const [type, start] of [
    ['image/png', dark],
    ['application/json', '{"image": "AA'],
    [MULTIPART, multipart(file('image')).slice(0, 80)],
  ] as const) {
    it(`is logged as one and as no error, as ${type.split(';')[0]!}`, async (t) => {
      const service = await giveUp(t, type, start);
      const requests = service.logged.filter(({ route }) => route === '/v1/predictions');
      assert.deepEqual(
        requests.map(({ level, msg, status }) => ({ level, msg, status })),
        [{ level: 'info', msg: 'request', status: 499 }],
      );
    });
  }

  it('leaves the service answering', async (t) => {
    const service = await giveUp(t, 'image/png', dark);
    assert.equal((await service.post('/v1/predictions', dark, 'image/png')).status, 200);
  });
});
