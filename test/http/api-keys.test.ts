import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ApiKeysError, loadApiKeys, verifierOf } from '../../src/http/api-keys.ts';
import { sha256 } from './keys.ts';

const camera = { id: 'camera', sha256: sha256('secret of the camera'), scopes: ['predict'] };
const anna = { id: 'anna', sha256: sha256('secret of anna'), scopes: ['review', 'export'] };

async function fileOf(t: TestContext, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'keys.json');
  await writeFile(path, content);
  return path;
}

describe('an API_KEYS_FILE', () => {
  it('gives each key its id and scopes', async (t) => {
    const verify = await loadApiKeys(await fileOf(t, JSON.stringify([camera, anna])));
    assert.deepEqual(verify('secret of the camera'), { keyId: 'camera', scopes: ['predict'] });
    assert.deepEqual(verify('secret of anna'), { keyId: 'anna', scopes: ['review', 'export'] });
  });

  it('gives nobody anything for another token, its own hash among them', () => {
    const verify = verifierOf([camera], 'keys.json');
    for (const token of ['', 'secret', camera.sha256, 'camera']) assert.equal(verify(token), null);
  });

  it('may write hashes in capitals', () => {
    const verify = verifierOf([{ ...camera, sha256: camera.sha256.toUpperCase() }], 'keys.json');
    assert.notEqual(verify('secret of the camera'), null);
  });

  for (const [what, json, said] of [
    ['is no array', camera, /expected array/],
    ['is empty', [], /at least one key/],
    ['has an unknown scope', [{ ...camera, scopes: ['root'] }], /\[0\]\.scopes/],
    ['has a key without scopes', [{ ...camera, scopes: [] }], /\[0\]\.scopes/],
    ['has a hash of another kind', [{ ...camera, sha256: 'abc' }], /64 hex digits/],
    ['has a key in clear', [{ id: 'a', key: 'secret', scopes: ['predict'] }], /Unrecognized key: "key"/],
    ['has an id twice', [camera, { ...anna, id: 'camera' }], /"camera" is the id of two keys/],
    ['has a key twice', [camera, { ...anna, sha256: camera.sha256 }], /same key stands here twice/],
  ] as const) {
    it(`is refused when it ${what}`, () => {
      assert.throws(
        () => verifierOf(json, 'keys.json'),
        (error) =>
          error instanceof ApiKeysError &&
          said.test(error.message) &&
          error.message.startsWith('keys.json: '),
      );
    });
  }

  it('is named when it is not there or not JSON, and never quoted', async (t) => {
    await assert.rejects(
      loadApiKeys('/nowhere/keys.json'),
      /expected a file of API keys at \/nowhere\/keys\.json/,
    );
    const path = await fileOf(t, `["${camera.sha256}"`);
    await assert.rejects(
      loadApiKeys(path),
      (error) =>
        error instanceof ApiKeysError &&
        error.message.includes(path) &&
        !error.message.includes(camera.sha256),
    );
  });
});
