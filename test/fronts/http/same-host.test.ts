import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { keysOf } from './keys.ts';
import { type Service, startService } from './service.ts';

/** fetch does not let a program choose Host and Origin, as browsers do not let a page. */
async function send(
  service: Service,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; code: string | undefined }> {
  const outgoing = request({ port: service.port, host: '127.0.0.1', path: '/v1/model', method, headers });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { code } = JSON.parse(Buffer.concat(chunks).toString()) as { code?: string };
  return { status: incoming.statusCode!, code };
}

describe('a service without keys', () => {
  for (const host of [
    'localhost',
    'localhost:8080',
    'LOCALHOST:8080',
    '127.0.0.1:8080',
    '127.8.9.10',
    '[::1]:8080',
  ]) {
    it(`answers to Host ${host}`, async (t) => {
      const service = await startService(t);
      assert.equal((await send(service, { host })).status, 200);
    });
  }

  for (const host of [
    'evil.example',
    'localhost.evil.example:8080',
    '192.168.0.7:8080',
    'localhost@evil.example',
  ]) {
    it(`refuses Host "${host}", which a page can let point at this machine`, async (t) => {
      const service = await startService(t);
      assert.deepEqual(await send(service, { host }), { status: 403, code: 'forbidden_origin' });
    });
  }

  it('answers to its own pages', async (t) => {
    const service = await startService(t);
    const host = `localhost:${service.port}`;
    assert.equal((await send(service, { host, origin: `http://${host}` })).status, 200);
  });

  for (const origin of [
    'https://evil.example',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'null',
    '',
  ]) {
    it(`refuses Origin "${origin}", which is not its own`, async (t) => {
      const service = await startService(t);
      const answer = await send(service, { host: 'localhost:8080', origin }, 'POST');
      assert.deepEqual(answer, { status: 403, code: 'forbidden_origin' });
    });
  }
});

describe('a service with keys', () => {
  it('answers to any Host, because no page has a key', async (t) => {
    const service = await startService(t, { access: keysOf(['predict']) });
    const headers = { host: 'sensigate.example', authorization: 'Bearer key-of-predict' };
    assert.equal((await send(service, headers)).status, 200);
  });
});
