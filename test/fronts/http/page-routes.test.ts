import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Page, readPage } from '../../../src/fronts/http/routes/page-files.ts';
import { expectProblem } from './expect-problem.ts';
import { startService } from './service.ts';

const HTML =
  '<!doctype html><title>Sensigate</title><script type="module" src="/assets/page-1a2b.js"></script>';
const SCRIPT = 'document.title = "works";';

describe('the reviewers’ page', () => {
  let page: Page;
  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sensigate-page-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), HTML);
    await writeFile(join(folder, 'assets', 'page-1a2b.js'), SCRIPT);
    const read = await readPage(folder);
    assert.ok(read);
    page = read;
  });

  it('is served to anyone under a policy that allows nothing inline and nothing from elsewhere', async (t) => {
    const service = await startService(t, { page, access: () => null });
    const response = await service.get('/');
    assert.equal(await response.text(), HTML);
    const policy = response.headers.get('content-security-policy')!;
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|https?:|blob:/);
  });

  it('is asked for again each time, and answered 304 where it is the same', async (t) => {
    const service = await startService(t, { page });
    const first = await service.get('/');
    assert.equal(first.headers.get('cache-control'), 'no-cache');
    const again = await fetch(service.url, { headers: { 'if-none-match': first.headers.get('etag')! } });
    assert.equal(again.status, 304);
  });

  it('has files that may be kept for ever, as their names change with their content', async (t) => {
    const service = await startService(t, { page });
    const response = await service.get('/assets/page-1a2b.js');
    assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.equal(await response.text(), SCRIPT);
  });

  it('has no other files', async (t) => {
    const service = await startService(t, { page });
    for (const path of ['/assets/index.html', '/assets/..%2Findex.html', '/assets/__proto__'])
      await expectProblem(await service.get(path), 'unknown_route', 404);
  });

  it('says how it is built where it is not', async (t) => {
    assert.equal(await readPage(join(tmpdir(), 'sensigate-no-such-folder')), null);
    const service = await startService(t, { page: null });
    assert.match(await (await service.get('/')).text(), /make build\/web/);
  });
});
