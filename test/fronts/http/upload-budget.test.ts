import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { haltEngine, untilOpen } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { type Service, startService } from './service.ts';

const dark = await grayPng(0);
const LIMIT = 10_000;
const limits = {
  maxBodyBytes: 8_000,
  maxInflightBytes: LIMIT,
  maxDownloadBytes: 64 * 1024 * 1024,
  maxParts: 64,
  maxDeadlineMs: 60_000,
};

/** How each kind of body begins. */
const FORM =
  '--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
const forms = [
  ['an image', 'image/png', ''],
  ['JSON', 'application/json', '{"image": "'],
  ['a form', 'multipart/form-data; boundary=xyz', FORM],
] as const;

interface Upload {
  readonly socket: Socket;
  /** Sends more of the body. */
  readonly send: (text: string) => void;
  /** The answer so far. */
  readonly answer: () => string;
}

/** Begins an upload; `length` null is one without Content-Length. */
function begin(service: Service, type: string, length: number | null, key = 'none'): Upload {
  const socket = connect(service.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const how = length === null ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  socket.write(
    `POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${how}\r\n` +
      `Authorization: Bearer ${key}\r\nConnection: close\r\n\r\n`,
  );
  return {
    socket,
    send: (text) => {
      // An empty chunk would be the last one.
      if (text === '') return;
      socket.write(length === null ? `${text.length.toString(16)}\r\n${text}\r\n` : text);
    },
    answer: () => answer,
  };
}

/** Uploads `bytes` of no image, without its length where `streamed`. */
function upload(service: Service, bytes: number, streamed = false): Promise<Response> {
  const body = Buffer.alloc(bytes, 'x');
  return fetch(`${service.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    ...(streamed ? { body: new Blob([body]).stream(), duplex: 'half' } : { body }),
  });
}

/** Whether an upload of so many bytes is taken now. */
async function isFree(service: Service, bytes: number): Promise<boolean> {
  const response = await upload(service, bytes);
  const { code } = (await response.json()) as { code: string };
  if (code === 'uploads_busy') return false;
  assert.equal(code, 'unsupported_image_type');
  return true;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

async function withUpload(t: TestContext, type: string, length: number | null, first: string) {
  const service = await startService(t, { limits });
  const slow = begin(service, type, length);
  t.after(() => slow.socket.destroy());
  slow.send(first);
  return { service, slow };
}

describe('uploads that are more together than MAX_INFLIGHT_BYTES', () => {
  for (const [what, type, start] of forms) {
    it(`are refused with 503 and Retry-After while ${what} of announced length is still coming`, async (t) => {
      const { service } = await withUpload(t, type, 6000, start);
      await until(async () => !(await isFree(service, 4001)));
      const response = await upload(service, 4001);
      assert.equal(response.headers.get('retry-after'), '1');
      const problem = await expectProblem(response, 'uploads_busy', 503);
      assert.match(problem.detail, /at most 10000 bytes/);
      assert.ok(await isFree(service, 4000));
    });

    it(`are refused while ${what} without a length is still coming, by what has come of it`, async (t) => {
      const { service, slow } = await withUpload(t, type, null, start);
      slow.send('x'.repeat(5000 - start.length));
      await until(async () => !(await isFree(service, 5001)));
      assert.ok(await isFree(service, 5000));
      slow.send('x'.repeat(1000));
      await until(async () => !(await isFree(service, 5000)));
      assert.ok(await isFree(service, 4000));
    });

    it(`are refused when it is ${what} without a length that grows past it, and its bytes are free again`, async (t) => {
      const { service, slow } = await withUpload(t, 'image/png', 6000, 'x');
      await until(async () => !(await isFree(service, 4001)));
      const growing = begin(service, type, null);
      growing.send(start + 'x'.repeat(3000));
      await until(async () => !(await isFree(service, 1500)));
      growing.send('x'.repeat(2000));
      growing.socket.end('0\r\n\r\n');
      await until(() => growing.answer().includes('uploads_busy'));
      assert.match(growing.answer(), /^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/i);
      await until(() => isFree(service, 4000));
      assert.equal(slow.answer(), '');
    });

    it(`are taken again when ${what} is given up half-way`, async (t) => {
      for (const length of [6000, null]) {
        const { service, slow } = await withUpload(t, type, length, start + 'x'.repeat(5000));
        await until(async () => !(await isFree(service, 6000)));
        slow.socket.destroy();
        await until(() => isFree(service, 8000));
      }
    });
  }

  it('are refused also by what has been read and is not answered yet', async (t) => {
    const service = await startService(t, {
      limits: { ...limits, maxInflightBytes: 8000 + dark.length - 1 },
    });
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const first = service.post('/v1/predictions', dark, 'image/png');
    await untilOpen(service.engine, 1);
    assert.equal(await isFree(service, 8000), false);
    goOn();
    assert.equal((await first).status, 200);
    await until(() => isFree(service, 8000));
  });

  it('are refused on every route that takes a body', async (t) => {
    const { service } = await withUpload(t, 'image/png', 8000, 'x');
    const request = { lease: 'x'.repeat(2001) };
    await until(async () => !(await isFree(service, 2001)));
    for (const path of ['claim', '01ARZ3NDEKTSV4RRFFQ69G5FAV/renew']) {
      await expectProblem(await service.postJson(`/v1/reviews/${path}`, request), 'uploads_busy', 503);
    }
  });

  it('are all answered, each with 503 or what it is otherwise, when fifty come at once', async (t) => {
    const service = await startService(t, { limits });
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, i) => upload(service, 4000, i % 2 === 0)),
    );
    const codes = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { code: string }).code),
    );
    for (const code of codes) assert.ok(['uploads_busy', 'unsupported_image_type'].includes(code), code);
    assert.ok(codes.includes('unsupported_image_type'));
    // A leak of a single byte would show.
    await until(() => isFree(service, 8000));
    const pair = await Promise.all([isFree(service, 5000), isFree(service, 5000)]);
    assert.deepEqual(pair, [true, true]);
  });

  for (const length of [4000, null]) {
    const how = length === null ? 'without a length' : 'of announced length';
    it(`leave half to others where one caller's, ${how}, come for long`, async (t) => {
      const access = keysOf(['predict'], ['predict', 'review']);
      const service = await startService(t, { access, limits: { ...limits, maxInflightOfCaller: 5000 } });
      const free = async (key: string, bytes: number): Promise<boolean> => {
        const response = await fetch(`${service.url}/v1/predictions`, {
          method: 'POST',
          headers: { 'content-type': 'image/png', authorization: `Bearer ${key}` },
          body: Buffer.alloc(bytes, 'x'),
        });
        return ((await response.json()) as { code: string }).code !== 'uploads_busy';
      };
      const hostile = begin(service, 'image/png', length, 'key-of-predict');
      t.after(() => hostile.socket.destroy());
      hostile.send('x'.repeat(3999));
      await until(async () => !(await free('key-of-predict', 1002)));
      assert.ok(await free('key-of-predict+review', 5000));
      hostile.socket.destroy();
      await until(() => free('key-of-predict', 5000));
    });
  }
});
