import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { describe, it, type TestContext } from 'node:test';
import { trustedProxy } from '../../../src/fronts/http/server/client-address.ts';
import type { ConnectionRefusal } from '../../../src/fronts/http/server/door.ts';
import { haltEngine, untilOpen } from '../../engine/start-engine.ts';
import { grayPng } from './dark-or-light.ts';
import { type Changes, type Service, startService } from './service.ts';

/** Every address of 127/8 is this machine's. */
const ONE = '127.0.0.5';
const ANOTHER = '127.0.0.6';
const PROXY = '127.0.0.7';
const SHARE = 4;
const MOST = 10;
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';
const dark = await grayPng(0);
const IMAGE = Buffer.concat([
  Buffer.from(
    'POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n' +
      `Content-Length: ${dark.length}\r\n\r\n`,
  ),
  dark,
]);

interface Bounded extends Service {
  /** Why connections were refused, and of which address. */
  readonly refused: readonly (readonly [ConnectionRefusal, string])[];
}

async function startBounded(t: TestContext, server: Changes['server'] = {}): Promise<Bounded> {
  const refused: (readonly [ConnectionRefusal, string])[] = [];
  const service = await startService(t, {
    server: {
      maxConnections: MOST,
      maxPerAddress: SHARE,
      isTrustedProxy: trustedProxy([PROXY]),
      onRefused: (why, address) => refused.push([why, address]),
      ...server,
    },
  });
  return { ...service, refused };
}

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly said: () => string;
}

function open(t: TestContext, { port }: Service, localAddress: string, first: string | Buffer = ''): Client {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
  t.after(() => socket.destroy());
  if (first.length > 0) socket.write(first);
  return { socket, closed, said: () => said };
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What a new connection from there is answered; empty where it is closed without. */
async function ask(t: TestContext, service: Service, address: string): Promise<string> {
  const { socket, said } = open(t, service, address, HEALTH);
  await until(() => said() !== '' || socket.closed);
  socket.destroy();
  return said().split('\r\n', 1)[0]!;
}

const OK = 'HTTP/1.1 200 OK';

async function fill(t: TestContext, service: Service, address: string, count: number): Promise<Client[]> {
  const before = service.http.door.taken;
  const clients = Array.from({ length: count }, () => open(t, service, address));
  await until(() => service.http.door.taken === before + count);
  return clients;
}

describe('connections of one address beyond its share', () => {
  it('are closed unread and counted, while another address is served', async (t) => {
    const service = await startBounded(t);
    await fill(t, service, ONE, SHARE);
    assert.equal(await ask(t, service, ONE), '');
    assert.equal(await ask(t, service, ONE), '');
    assert.deepEqual(service.refused, [
      ['address', ONE],
      ['address', ONE],
    ]);
    assert.equal(await ask(t, service, ANOTHER), OK);
    assert.equal(service.http.open.size <= SHARE + 1, true);
  });

  it('are taken again when earlier ones have closed', async (t) => {
    const service = await startBounded(t);
    const [first] = await fill(t, service, ONE, SHARE);
    assert.equal(await ask(t, service, ONE), '');
    first!.socket.destroy();
    await until(() => service.http.door.taken === SHARE - 1);
    assert.equal(await ask(t, service, ONE), OK);
  });

  it('are taken of a trusted proxy, up to the bound of all', async (t) => {
    const service = await startBounded(t);
    await fill(t, service, PROXY, MOST);
    assert.equal(await ask(t, service, PROXY), '');
    assert.deepEqual(service.refused, [['all', PROXY]]);
  });

  it('do not disturb whoever is connected, though a flood of them comes', async (t) => {
    const service = await startBounded(t);
    const [caller] = await fill(t, service, ANOTHER, 1);
    const { socket, said } = caller!;
    await fill(t, service, ONE, SHARE);
    const flood = Array.from({ length: 300 }, () => open(t, service, ONE, HEALTH));
    for (let answers = 1; answers <= 20; answers++) {
      socket.write(HEALTH);
      await until(() => said().split(OK).length === answers + 1);
    }
    await Promise.all(flood.map(({ closed }) => closed));
    assert.equal(service.refused.length, flood.length);
    assert.ok(flood.every((one) => one.said() === ''));
    assert.equal(socket.destroyed, false);
  });
});

describe('whoever sends a request and hangs up', () => {
  it('has its place taken until the work on the request has ended', async (t) => {
    const service = await startBounded(t);
    const goOn = await haltEngine(service.engine);
    t.after(goOn);
    const clients = Array.from({ length: SHARE }, () => open(t, service, ONE, IMAGE));
    await untilOpen(service.engine, SHARE);
    for (const { socket } of clients) socket.destroy();
    await until(() => service.http.open.size === 0);
    assert.equal(service.http.door.taken, SHARE);
    assert.equal(await ask(t, service, ONE), '');
    assert.equal(await ask(t, service, ANOTHER), OK);
    goOn();
    await until(() => service.http.door.taken === 0);
    assert.equal(await ask(t, service, ONE), OK);
  });

  it('has none taken for ever where the request failed, was refused or had no route', async (t) => {
    const service = await startBounded(t);
    for (const first of [
      IMAGE,
      'GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'GET /v1/predictions/x HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'PUT /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nnot image',
      'GET /healthz HTTP/1.1\r\n\r\n',
      'garbage\r\n\r\n',
    ]) {
      const { socket, said } = open(t, service, ONE, first);
      await until(() => said() !== '' || socket.closed);
      socket.destroy();
      await until(() => service.http.door.taken === 0);
    }
  });
});

describe('connections that bring no request', () => {
  it('are closed after the time for a head, and leave their places', async (t) => {
    const service = await startBounded(t, { requestTimeoutMs: 300 });
    const clients = await fill(t, service, ONE, SHARE);
    await Promise.all(clients.map(({ closed }) => closed));
    assert.equal(service.http.door.taken, 0);
  });

  it('make room, the oldest first, where all places are taken; those that have brought one stay', async (t) => {
    const service = await startBounded(t);
    const kept = open(t, service, PROXY, HEALTH);
    await until(() => kept.said() !== '');
    const [oldest, ...others] = await fill(t, service, PROXY, MOST - 1);
    // Silent for a moment only, they may still send: nobody has to go for it.
    assert.equal(await ask(t, service, ANOTHER), '');
    assert.deepEqual(service.refused, [['all', ANOTHER]]);
    await until(async () => (await ask(t, service, ANOTHER)) === OK);
    await oldest!.closed;
    assert.deepEqual(service.refused.at(-1), ['silent', PROXY]);
    assert.ok([kept, ...others].every(({ socket }) => !socket.destroyed));
  });
});

const shares = { skip: process.platform !== 'linux' && 'this kernel does not share a port among sockets' };

describe('a server that listens', () => {
  it('takes in several connections each turn of the event loop', shares, async (t) => {
    const service = await startService(t);
    const turns = (): number => performance.nodeTiming.uvMetricsInfo.loopCount;
    let began = 0;
    let taken = 0;
    const all = Promise.withResolvers<number>();
    service.http.server.on('connection', () => {
      if (taken === 0) began = turns();
      if (++taken === 160) all.resolve(turns() - began);
    });
    // The kernel connects them at once, and they wait to be accepted.
    for (let i = 0; i < 160; i++) open(t, service, ONE);
    const took = await all.promise;
    assert.ok(took <= 80, `160 connections took ${took} turns`);
  });

  it('refuses a port on which it or another program listens', async (t) => {
    const service = await startService(t);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as { port: number };
    for (const taken of [service.port, port])
      await assert.rejects(service.http.listen({ host: '127.0.0.1', port: taken }), { code: 'EADDRINUSE' });
  });

  it('takes no connection any more once it is closed', async (t) => {
    const service = await startService(t);
    await service.http.close();
    const refused = Array.from({ length: 40 }, () => open(t, service, ONE, HEALTH));
    await Promise.all(refused.map(({ closed }) => closed));
    assert.ok(refused.every(({ said }) => said() === ''));
    assert.equal(service.http.door.taken, 0);
  });
});
