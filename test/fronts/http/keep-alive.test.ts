import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { type Service, startService } from './service.ts';

const SOON_MS = 300;
const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function connected(t: TestContext, { port }: Service): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function answerOn(socket: Socket): Promise<string> {
  socket.write(REQUEST);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString('latin1');
}

describe('a connection that idles after an answer', () => {
  it('takes the next request, though it idled for longer than a request may take to come', async (t) => {
    const service = await startService(t, { server: { requestTimeoutMs: SOON_MS, keepAliveMs: 60_000 } });
    const socket = await connected(t, service);
    assert.match(await answerOn(socket), /^HTTP\/1\.1 200 [\s\S]*\r\nKeep-Alive: timeout=60\r\n/);
    await after(6 * SOON_MS);
    assert.match(await answerOn(socket), /^HTTP\/1\.1 200 /);
  });

  it('is closed when its time is over', async (t) => {
    const service = await startService(t, { server: { keepAliveMs: SOON_MS } });
    const socket = await connected(t, service);
    assert.match(await answerOn(socket), /^HTTP\/1\.1 200 /);
    await once(socket, 'close');
  });
});
