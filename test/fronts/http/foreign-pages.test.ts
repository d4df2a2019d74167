import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, it } from 'node:test';
import { operationsOf } from './operations.ts';
import { type Service, startService } from './service.ts';

interface Sent {
  readonly status: number;
  readonly body: string;
}

/** fetch does not let a program choose Sec-Fetch-*, as browsers do not let a page. */
async function send(
  service: Service,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<Sent> {
  const outgoing = request({ port: service.port, host: '127.0.0.1', path, method, headers });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode!, body: Buffer.concat(chunks).toString() };
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
const TAB = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const IMAGE = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };

async function pathsOf(service: Service): Promise<string[]> {
  const operations = await operationsOf(await service.get('/openapi.json'));
  const documented = operations.map(({ path }) => path.replaceAll(/\{\w+\}/g, '01JGFJJZ000000000000000000'));
  return [...new Set([...documented, '/', '/docs', '/docs/start.js', '/assets/a.js', '/nowhere'])];
}

describe('a page from elsewhere, where there are no keys,', () => {
  for (const site of ['cross-site', 'same-site', 'CROSS-SITE', '', 'something new']) {
    it(`reaches no route by any method (Sec-Fetch-Site: "${site}")`, async (t) => {
      const service = await startService(t);
      const paths = await pathsOf(service);
      assert.ok(paths.length > 20);
      for (const path of paths) {
        for (const method of METHODS) {
          const { status, body } = await send(service, method, path, { 'sec-fetch-site': site, ...IMAGE });
          assert.equal(status, 403, `${method} ${path}`);
          if (method !== 'HEAD')
            assert.equal((JSON.parse(body) as { code: string }).code, 'forbidden_origin');
        }
      }
    });
  }

  it('opens / and /docs by a link, in a tab and not in a frame, and nothing else', async (t) => {
    const service = await startService(t);
    const foreign = { 'sec-fetch-site': 'cross-site' };
    for (const path of await pathsOf(service)) {
      const { status } = await send(service, 'GET', path, { ...foreign, ...TAB });
      assert.equal(status, path === '/' || path === '/docs' ? 200 : 403, path);
    }
    for (const path of ['/', '/docs']) {
      const framed = { ...foreign, ...TAB, 'sec-fetch-dest': 'iframe' };
      assert.equal((await send(service, 'GET', path, framed)).status, 403);
      assert.equal((await send(service, 'POST', path, { ...foreign, ...TAB })).status, 403);
    }
  });

  it('is told from our own pages, the address bar, and programs', async (t) => {
    const service = await startService(t);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none', ...TAB }, {}])
      assert.equal((await send(service, 'GET', '/v1/model', headers)).status, 200);
  });
});
