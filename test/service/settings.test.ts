import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { ConfigError, readConfig } from '../../src/service/settings.ts';

const MIB = 1024 * 1024;

describe('the bounds on uploads', () => {
  it('are 20 MiB for one and 256 MiB for all together where nothing is said', () => {
    const { MAX_BODY_BYTES, MAX_INFLIGHT_BYTES } = readConfig({});
    assert.deepEqual([MAX_BODY_BYTES, MAX_INFLIGHT_BYTES], [20 * MIB, 256 * MIB]);
  });

  it('may be the same', () => {
    const bytes = String(300 * MIB);
    const config = readConfig({ MAX_BODY_BYTES: bytes, MAX_INFLIGHT_BYTES: bytes });
    assert.equal(config.MAX_INFLIGHT_BYTES, 300 * MIB);
  });

  it('are refused where the largest body would never be taken', () => {
    for (const environment of [{ MAX_INFLIGHT_BYTES: '100000' }, { MAX_BODY_BYTES: String(257 * MIB) }]) {
      assert.throws(
        () => readConfig(environment),
        (error) => error instanceof ConfigError && /MAX_INFLIGHT_BYTES=.*MAX_BODY_BYTES=/.test(error.message),
      );
    }
  });
});

describe('the engine', () => {
  it('has all cores, however many processes share them', () => {
    const cores = availableParallelism();
    assert.deepEqual(
      [{}, { ENGINE_PROCESSES: '1' }, { ENGINE_PROCESSES: '1', ENGINE_THREADS: '3' }].map(
        (environment) => readConfig(environment).ENGINE_THREADS,
      ),
      [Math.max(1, Math.floor(cores / Math.min(8, cores))), cores, 3],
    );
  });
});

describe('the number of opinions', () => {
  it('is read by reason, as who must agree and who is asked at most', () => {
    assert.deepEqual(readConfig({ OVERLAP: 'audit=2/3, sensitive=1' }).OVERLAP, {
      audit: { agree: 2, most: 3 },
      sensitive: { agree: 1, most: 1 },
    });
    assert.deepEqual(readConfig({}).OVERLAP, {});
  });

  it('is refused where it can never be reached', () => {
    for (const OVERLAP of ['audit', 'audit=0', 'audit=3/2', 'audit=2;sensitive=1'])
      assert.throws(() => readConfig({ OVERLAP }), ConfigError);
  });
});

describe('DATABASE_URL', () => {
  it('must be of PostgreSQL', () => {
    const url = 'postgres://me@db/queue';
    assert.equal(readConfig({ DATABASE_URL: url }).DATABASE_URL, url);
    assert.throws(() => readConfig({ DATABASE_URL: 'mysql://db/queue' }), ConfigError);
  });
});

describe('who may call', () => {
  const jwt = {
    JWKS_URL: 'https://issuer.example/jwks.json',
    JWT_ISSUER: 'https://issuer.example/',
    JWT_AUDIENCE: 'sensigate',
  };
  const refusal = (environment: Record<string, string>, said: RegExp): void => {
    assert.throws(
      () => readConfig(environment),
      (error) => error instanceof ConfigError && said.test(error.message),
    );
  };

  it('must be known where other machines can call: by keys or by JWTs', () => {
    refusal({ HOST: '0.0.0.0' }, /needs API_KEYS_FILE or JWKS_URL/);
    assert.equal(readConfig({ HOST: '0.0.0.0', API_KEYS_FILE: 'keys.json' }).HOST, '0.0.0.0');
    assert.equal(readConfig({ HOST: '0.0.0.0', ...jwt }).HOST, '0.0.0.0');
  });

  it('is told by JWTs of one issuer for one audience, never by those of anybody for anything', () => {
    for (const name of Object.keys(jwt)) {
      const without = Object.entries(jwt).filter(([other]) => other !== name);
      refusal(Object.fromEntries(without), new RegExp(`belong together.*Set ${name} too`));
    }
  });

  it('is not told by keys that come over the network in clear', () => {
    refusal({ ...jwt, JWKS_URL: 'http://issuer.example/jwks.json' }, /JWKS_URL=.*expected https/);
    refusal({ ...jwt, JWKS_URL: 'file:///etc/jwks.json' }, /JWKS_URL=/);
    for (const JWKS_URL of ['http://127.0.0.1:9000/jwks', 'http://localhost/jwks', 'http://[::1]/jwks'])
      assert.equal(readConfig({ ...jwt, JWKS_URL }).JWKS_URL, JWKS_URL);
  });

  it('may send 6000 requests a minute where there are several, any number on this machine alone', () => {
    assert.deepEqual(
      [
        {},
        { API_KEYS_FILE: 'keys.json' },
        jwt,
        { RATE_LIMIT_PER_MINUTE: '60' },
        { ...jwt, RATE_LIMIT_PER_MINUTE: '0' },
      ].map((environment) => readConfig(environment).RATE_LIMIT_PER_MINUTE),
      [0, 6000, 6000, 60, 0],
    );
  });
});

describe('TRUSTED_PROXIES', () => {
  it('is a list of addresses, networks and names of networks', () => {
    const list = 'loopback, 10.0.0.0/8,192.168.0.7,fd00::/8,uniquelocal';
    assert.deepEqual(readConfig({ TRUSTED_PROXIES: list }).TRUSTED_PROXIES, [
      'loopback',
      '10.0.0.0/8',
      '192.168.0.7',
      'fd00::/8',
      'uniquelocal',
    ]);
    assert.deepEqual(readConfig({}).TRUSTED_PROXIES, []);
  });

  it('is refused where it is something else, such as everybody', () => {
    for (const list of [
      'true',
      '*',
      '1',
      'proxy.example',
      '10.0.0.0/33',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      'loopback,',
    ])
      assert.throws(() => readConfig({ TRUSTED_PROXIES: list }), ConfigError, list);
  });
});
