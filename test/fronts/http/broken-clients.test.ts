import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { haltEngine, untilOpen } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { type Changes, type Service, startService } from './service.ts';

const dark = await grayPng(0);
const LIMIT = 10_000;
const limits = {
  maxBodyBytes: LIMIT,
  maxInflightBytes: LIMIT,
  maxDownloadBytes: 64 * 1024 * 1024,
  maxParts: 64,
  maxDeadlineMs: 60_000,
};
/** Soon enough for a test that waits for it. */
const SOON_MS = 300;
const hasty: Changes = { limits, server: { requestTimeoutMs: SOON_MS } };

const head = (type: string, how: string): string =>
  `POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${how}`;
const png = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${head('image/png', `Content-Length: ${bytes.length}\r\n`)}\r\n`), bytes]);

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** What the service has said so far. */
  readonly said: () => string;
}

function open(t: TestContext, { port }: Service, first: string | Buffer = ''): Client {
  const socket = connect(port, '127.0.0.1');
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) =>
    socket.once('close', () => {
      resolve();
    }),
  );
  t.after(() => socket.destroy());
  if (first.length > 0) socket.write(first);
  return { socket, closed, said: () => said };
}

/**
 * Whether the bytes of all uploads together are free: the largest body is refused for what it is, not for
 * them.
 */
async function isAllFree({ url }: Service): Promise<boolean> {
  const response = await fetch(`${url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', connection: 'close' },
    body: Buffer.alloc(LIMIT, 'x'),
  });
  const { code } = (await response.json()) as { code: string };
  if (code === 'uploads_busy') return false;
  assert.equal(code, 'unsupported_image_type');
  return true;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Nothing is left of whoever came before: no byte, no connection, and the next image is predicted. */
async function leavesNothing(service: Service): Promise<void> {
  await until(() => isAllFree(service));
  assert.equal((await service.post('/v1/predictions', dark, 'image/png')).status, 200);
  await until(() => [...service.http.open.values()].every(({ size }) => size === 0));
}

function expectProblem(said: string, status: number, code: string): void {
  assert.match(said, new RegExp(`^HTTP/1\\.1 ${status} `));
  assert.match(said, /\r\nContent-Type: application\/problem\+json\r\n/i);
  const problem = JSON.parse(said.slice(said.indexOf('\r\n\r\n'))) as Record<string, unknown>;
  assert.deepEqual([problem.code, problem.status], [code, status]);
  assert.match(said, /\r\nConnection: close\r\n/i);
}

describe('a client that is too slow', () => {
  for (const [what, first] of [
    ['never sends a byte', ''],
    ['stops in the middle of the headers', head('image/png', '')],
    ['stops in a body of announced length', head('image/png', 'Content-Length: 9000\r\n') + '\r\nxx'],
    [
      'stops in a body without a length',
      head('image/png', 'Transfer-Encoding: chunked\r\n') + '\r\n2\r\nxx\r\n',
    ],
    [
      'stops in a form',
      head('multipart/form-data; boundary=xyz', 'Content-Length: 9000\r\n') +
        '\r\n--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nxx',
    ],
    ['stops in JSON', head('application/json', 'Content-Length: 9000\r\n') + '\r\n{"image": "AA'],
  ] as const) {
    it(`and ${what} is told so and cut off, and leaves nothing`, async (t) => {
      const service = await startService(t, hasty);
      const clients = Array.from({ length: 5 }, () => open(t, service, first));
      await Promise.all(clients.map(({ closed }) => closed));
      const told = clients.filter(({ said }) => said().includes('request_timeout'));
      for (const { said } of told) expectProblem(said(), 408, 'request_timeout');
      // Of those with a large body only one fits, and the others are told that at once.
      assert.ok(told.length >= 1);
      await leavesNothing(service);
    });
  }

  for (const [what, first, more] of [
    ['headers', head('image/png', ''), 'X-More: y\r\n'],
    ['body', head('image/png', 'Content-Length: 9000\r\n') + '\r\n', 'x'],
  ] as const) {
    it(`and sends its ${what} by drops is cut off all the same`, async (t) => {
      const service = await startService(t, hasty);
      const { socket, closed, said } = open(t, service, first);
      const drops = setInterval(() => socket.writable && socket.write(more), SOON_MS / 20);
      await closed;
      clearInterval(drops);
      if (said() !== '') expectProblem(said(), 408, 'request_timeout');
      await leavesNothing(service);
    });
  }

  it('does not keep others from being served meanwhile', async (t) => {
    const service = await startService(t, { limits });
    for (let i = 0; i < 100; i++) open(t, service, head('image/png', ''));
    await until(() => service.http.open.size >= 100);
    assert.equal((await service.post('/v1/predictions', dark, 'image/png')).status, 200);
  });
});

describe('more connections than MAX_CONNECTIONS', () => {
  it('are turned away and counted, and taken again when there is room', async (t) => {
    let turnedAway = 0;
    const service = await startService(t, {
      server: { maxConnections: 3, onRefused: () => turnedAway++ },
    });
    const idle = [1, 2, 3].map(() => open(t, service));
    await until(() => service.http.open.size === 3);
    const fourth = open(t, service, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await fourth.closed;
    assert.deepEqual([fourth.said(), turnedAway], ['', 1]);
    for (const { socket } of idle) socket.destroy();
    await until(() => service.http.open.size === 0);
    assert.equal((await service.get('/healthz')).status, 200);
  });
});

describe('a client that does not speak HTTP', () => {
  for (const [what, bytes, status, code] of [
    ['sends garbage', '\x00\x01garbage\r\n\r\n', 400, 'malformed_http'],
    [
      'sends two lengths',
      head('image/png', 'Content-Length: 5\r\nContent-Length: 6\r\n') + '\r\n',
      400,
      'malformed_http',
    ],
    [
      'sends a length beside chunks',
      head('image/png', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n') + '\r\n',
      400,
      'malformed_http',
    ],
    [
      'sends headers of 100 KB',
      head('image/png', `X-Large: ${'x'.repeat(100_000)}\r\n\r\n`),
      431,
      'headers_too_large',
    ],
  ] as const) {
    it(`and ${what} is answered ${status} ${code}, and cut off`, async (t) => {
      const service = await startService(t, { limits });
      const { said, closed } = open(t, service, bytes);
      await closed;
      expectProblem(said(), status, code);
      await leavesNothing(service);
    });
  }

  it('behind a request has the answer to that request, and nothing else', async (t) => {
    const service = await startService(t, { limits });
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const { said, closed, socket } = open(t, service, png(dark));
    await untilOpen(service.engine, 1);
    socket.write('\x00\x01garbage\r\n\r\n');
    // The service has read the garbage when it answers somebody who came later.
    await service.get('/healthz');
    goOn();
    await closed;
    assert.match(said(), /^HTTP\/1\.1 200 /);
    assert.equal(said().split('HTTP/1.1').length, 2);
    await leavesNothing(service);
  });

  it('after the headers of a body without a length is told that its upload ended', async (t) => {
    const service = await startService(t, { limits });
    const { closed } = open(t, service, head('image/png', 'Transfer-Encoding: chunked\r\n') + '\r\nzz\r\n');
    await closed;
    await leavesNothing(service);
  });
});

describe('a caller that hangs up', () => {
  it('is charged for its upload until the work on it is done', async (t) => {
    const service = await startService(t, { limits });
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const { socket, closed } = open(t, service, png(dark));
    await untilOpen(service.engine, 1);
    socket.destroy();
    await closed;
    await until(() => service.http.open.size === 0);
    assert.equal(await isAllFree(service), false);
    goOn();
    await leavesNothing(service);
  });

  it('with several requests in a row leaves nothing, those that were not answered in their turn too', async (t) => {
    const service = await startService(t, { limits });
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const { socket, closed } = open(t, service, Buffer.concat([png(dark), png(dark), png(dark)]));
    await untilOpen(service.engine, 3);
    socket.destroy();
    await closed;
    goOn();
    await leavesNothing(service);
  });

  it('two hundred times in the middle of an upload leaves no descriptor and no byte', async (t) => {
    const service = await startService(t, { limits });
    await leavesNothing(service);
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const before = process.platform === 'linux' ? descriptors() : 0;
    for (let round = 0; round < 4; round++) {
      const callers = Array.from({ length: 50 }, (_, i) => {
        const how = i % 2 === 0 ? 'Content-Length: 150\r\n' : 'Transfer-Encoding: chunked\r\n';
        return open(t, service, `${head('image/png', how)}\r\n64\r\n${'x'.repeat(100)}\r\n`);
      });
      await until(() => service.http.open.size >= callers.length);
      for (const { socket } of callers) socket.destroy();
      await Promise.all(callers.map(({ closed }) => closed));
      await until(() => service.http.open.size < callers.length / 2);
    }
    await leavesNothing(service);
    if (process.platform === 'linux') await until(() => descriptors() <= before + 2);
  });
});
