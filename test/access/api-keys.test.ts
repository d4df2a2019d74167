import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerifyToken } from '../../src/access/authenticate.ts';
import { ApiKeysError, parseApiKeys, verifierOf } from '../../src/access/api-keys.ts';
import { sha256 } from '../fronts/http/keys.ts';
import { NOON } from '../fronts/http/service.ts';

const camera = { id: 'camera', sha256: sha256('secret of the camera'), scopes: ['predict'] };
const anna = { id: 'anna', sha256: sha256('secret of anna'), scopes: ['review', 'export'] };

/** Recognises the keys in a file that holds `json`, at `now`. */
function verifyBy(json: unknown, now = NOON): VerifyToken {
  return verifierOf(parseApiKeys(JSON.stringify(json), 'keys.json'), () => now);
}

describe('an API_KEYS_FILE', () => {
  it('gives each key its id and scopes', () => {
    const verify = verifyBy([camera, anna]);
    assert.deepEqual(verify('secret of the camera'), { keyId: 'camera', scopes: ['predict'] });
    assert.deepEqual(verify('secret of anna'), { keyId: 'anna', scopes: ['review', 'export'] });
  });

  it('gives nobody anything for another token, its own hash among them', () => {
    const verify = verifyBy([camera]);
    for (const token of ['', 'secret', camera.sha256, 'camera']) assert.equal(verify(token), null);
  });

  it('may write hashes in capitals', () => {
    const verify = verifyBy([{ ...camera, sha256: camera.sha256.toUpperCase() }]);
    assert.notEqual(verify('secret of the camera'), null);
  });

  it('may give a key requests a minute of its own', () => {
    const verify = verifyBy([{ ...camera, rate_per_minute: 600 }]);
    assert.deepEqual(verify('secret of the camera'), {
      keyId: 'camera',
      scopes: ['predict'],
      ratePerMinute: 600,
    });
  });

  it('may end a key: it is good before that moment, whatever zone it is written in, and not from then on', () => {
    const keys = [{ ...camera, expires: '2026-01-01T14:00:00+02:00' }, anna];
    assert.deepEqual(verifyBy(keys, NOON - 1)('secret of the camera'), {
      keyId: 'camera',
      scopes: ['predict'],
    });
    assert.deepEqual(verifyBy(keys, NOON)('secret of the camera'), {
      refused: 'expired_credential',
      why: `Key "camera" has expired on 2026-01-01T12:00:00.000Z; ask the service's operator for another.`,
    });
    assert.deepEqual(verifyBy(keys, NOON)('secret of anna'), { keyId: 'anna', scopes: ['review', 'export'] });
  });

  for (const [what, json, said] of [
    ['is no array', camera, /expected array/],
    ['is empty', [], /at least one key/],
    ['has an unknown scope', [{ ...camera, scopes: ['root'] }], /\[0\]\.scopes/],
    ['has a key without scopes', [{ ...camera, scopes: [] }], /\[0\]\.scopes/],
    ['has a hash of another kind', [{ ...camera, sha256: 'abc' }], /64 hex digits/],
    ['has a key in clear', [{ id: 'a', key: 'secret', scopes: ['predict'] }], /Unrecognized key: "key"/],
    ['has an id twice', [camera, { ...anna, id: 'camera' }], /"camera" is the id of two keys/],
    ['has an id like the subject of a JWT', [{ ...camera, id: 'jwt:anna' }], /1 to 64 letters/],
    ['ends a key on a day without a time', [{ ...camera, expires: '2027-01-31' }], /with its zone/],
    ['ends a key at a time without a zone', [{ ...camera, expires: '2027-01-31T00:00:00' }], /with its zone/],
    ['gives a key no request at all', [{ ...camera, rate_per_minute: 0 }], /rate_per_minute/],
    ['has a key twice', [camera, { ...anna, sha256: camera.sha256 }], /same key stands here twice/],
  ] as const) {
    it(`is refused when it ${what}`, () => {
      assert.throws(
        () => parseApiKeys(JSON.stringify(json), 'keys.json'),
        (error) =>
          error instanceof ApiKeysError &&
          said.test(error.message) &&
          error.message.startsWith('keys.json: '),
      );
    });
  }

  it('is named when it is not JSON, and never quoted', () => {
    assert.throws(
      () => parseApiKeys(`["${camera.sha256}"`, 'keys.json'),
      (error) =>
        error instanceof ApiKeysError &&
        error.message.includes('keys.json') &&
        !error.message.includes(camera.sha256),
    );
  });
});
