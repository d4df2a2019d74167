import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ApiKeysError } from '../../src/access/api-keys.ts';
import { type LiveApiKeys, openApiKeys } from '../../src/access/live-api-keys.ts';
import { sha256 } from '../fronts/http/keys.ts';
import { NOON } from '../fronts/http/service.ts';

const fileOf = (...ids: string[]): string =>
  JSON.stringify(ids.map((id) => ({ id, sha256: sha256(`secret of ${id}`), scopes: ['predict'] })));

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function open(t: TestContext, content: string): Promise<{ path: string; keys: LiveApiKeys }> {
  const path = join(await folderOf(t), 'keys.json');
  await writeFile(path, content);
  return { path, keys: await openApiKeys(path, () => NOON) };
}

const knows = async (keys: LiveApiKeys, id: string): Promise<boolean> =>
  (await keys.verify(`secret of ${id}`)) !== null;

describe('a file of API keys that changes', () => {
  it('gives its new keys in place of the old ones', async (t) => {
    const { path, keys } = await open(t, fileOf('old', 'both'));
    await writeFile(path, fileOf('both', 'new'));
    assert.ok(!(await knows(keys, 'new')));
    assert.deepEqual(await keys.reload(), { outcome: 'taken' });
    assert.deepEqual(
      [await knows(keys, 'old'), await knows(keys, 'both'), await knows(keys, 'new')],
      [false, true, true],
    );
  });

  it('is left alone where its content is the same', async (t) => {
    const { path, keys } = await open(t, fileOf('one'));
    await writeFile(path, fileOf('one'));
    assert.deepEqual(await keys.reload(), { outcome: 'unchanged' });
  });

  it('is followed through symbolic links, as Kubernetes replaces a Secret', async (t) => {
    const folder = await folderOf(t);
    for (const [name, id] of [
      ['..first', 'old'],
      ['..second', 'new'],
    ] as const) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'keys.json'), fileOf(id));
    }
    await symlink('..first', join(folder, '..data'));
    await symlink(join('..data', 'keys.json'), join(folder, 'keys.json'));
    const keys = await openApiKeys(join(folder, 'keys.json'), () => NOON);
    await symlink('..second', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    assert.deepEqual(await keys.reload(), { outcome: 'taken' });
    assert.deepEqual([await knows(keys, 'old'), await knows(keys, 'new')], [false, true]);
  });

  it('is refused once where it does not hold, and the keys from before stay good', async (t) => {
    const { path, keys } = await open(t, fileOf('one'));
    for (const content of ['', '[', '[]', fileOf('two', 'two')]) {
      await writeFile(path, content);
      const reload = await keys.reload();
      assert.ok(reload.outcome === 'refused' && reload.error instanceof ApiKeysError, content);
      assert.deepEqual(await keys.reload(), { outcome: 'unchanged' }, content);
      assert.ok(await knows(keys, 'one'));
      assert.equal(keys.isRefused(), true);
    }
    await writeFile(path, fileOf('one'));
    await keys.reload();
    assert.equal(keys.isRefused(), false);
  });

  it('may go and come back', async (t) => {
    const { path, keys } = await open(t, fileOf('one'));
    await unlink(path);
    assert.equal((await keys.reload()).outcome, 'refused');
    assert.equal((await keys.reload()).outcome, 'unchanged');
    assert.ok(await knows(keys, 'one'));
    await writeFile(path, fileOf('two'));
    assert.equal((await keys.reload()).outcome, 'taken');
    assert.ok(await knows(keys, 'two'));
  });

  it('counts as unchanged when a bad one is put back as it was', async (t) => {
    const { path, keys } = await open(t, fileOf('one'));
    await writeFile(path, 'bad');
    await keys.reload();
    await writeFile(path, fileOf('one'));
    assert.deepEqual(await keys.reload(), { outcome: 'unchanged' });
    await writeFile(path, 'bad');
    assert.equal((await keys.reload()).outcome, 'refused');
  });

  it('is described without anything to call with, but so that another key under the same id shows', async (t) => {
    const { path, keys } = await open(
      t,
      JSON.stringify([
        {
          id: 'ada',
          sha256: sha256('first'),
          scopes: ['review'],
          expires: '2026-01-01T00:00:00Z',
          rate_per_minute: 60,
        },
      ]),
    );
    const [before] = keys.describe();
    const { fingerprint, ...others } = before!;
    assert.match(fingerprint, /^[0-9a-f]{8}$/);
    assert.ok(!sha256('first').includes(fingerprint));
    assert.deepEqual(others, {
      id: 'ada',
      scopes: ['review'],
      expires: '2026-01-01T00:00:00.000Z',
      rate_per_minute: 60,
    });
    assert.deepEqual(keys.expired(), ['ada']);
    await writeFile(path, JSON.stringify([{ id: 'ada', sha256: sha256('second'), scopes: ['review'] }]));
    await keys.reload();
    assert.notEqual(keys.describe()[0]!.fingerprint, fingerprint);
    assert.deepEqual(keys.expired(), []);
  });

  it('is named where it is not there at the start', async () => {
    await assert.rejects(
      openApiKeys('/nowhere/keys.json', () => NOON),
      /expected a file of API keys at \/nowhere\/keys\.json/,
    );
  });
});
