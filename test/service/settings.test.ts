import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { readSettings } from '../../src/service/settings.ts';
import { SettingsError } from '../../src/service/settings-error.ts';

const MIB = 1024 * 1024;

describe('the bounds on uploads', () => {
  it('are 20 MiB for one and 256 MiB for all together where nothing is said', () => {
    const { MAX_BODY_BYTES, MAX_INFLIGHT_BYTES } = readSettings({});
    assert.deepEqual([MAX_BODY_BYTES, MAX_INFLIGHT_BYTES], [20 * MIB, 256 * MIB]);
  });

  it('may be the same', () => {
    const bytes = String(300 * MIB);
    const settings = readSettings({ MAX_BODY_BYTES: bytes, MAX_INFLIGHT_BYTES: bytes });
    assert.equal(settings.MAX_INFLIGHT_BYTES, 300 * MIB);
  });

  it('are refused where the largest body would never be taken', () => {
    for (const environment of [{ MAX_INFLIGHT_BYTES: '100000' }, { MAX_BODY_BYTES: String(257 * MIB) }]) {
      assert.throws(
        () => readSettings(environment),
        (error) =>
          error instanceof SettingsError && /MAX_INFLIGHT_BYTES=.*MAX_BODY_BYTES=/.test(error.message),
      );
    }
  });
});

describe('the engine', () => {
  it('has all cores, however many processes share them', () => {
    const cores = availableParallelism();
    assert.deepEqual(
      [{}, { ENGINE_PROCESSES: '1' }, { ENGINE_PROCESSES: '1', ENGINE_THREADS: '3' }].map(
        (environment) => readSettings(environment).ENGINE_THREADS,
      ),
      [Math.max(1, Math.floor(cores / Math.min(8, cores))), cores, 3],
    );
  });
});

describe('the number of opinions', () => {
  it('is read by reason, as who must agree and who is asked at most', () => {
    assert.deepEqual(readSettings({ OVERLAP: 'audit=2/3, sensitive=1' }).OVERLAP, {
      audit: { agree: 2, most: 3 },
      sensitive: { agree: 1, most: 1 },
    });
    assert.deepEqual(readSettings({}).OVERLAP, {});
  });

  it('is refused where it can never be reached', () => {
    for (const OVERLAP of ['audit', 'audit=0', 'audit=3/2', 'audit=2;sensitive=1'])
      assert.throws(() => readSettings({ OVERLAP }), SettingsError);
  });
});

describe('the streams that are kept apart', () => {
  it('are read as names between commas, each once', () => {
    assert.deepEqual(readSettings({ STREAMS: 'camera-1, Site ä,camera-1' }).STREAMS, ['camera-1', 'Site ä']);
    assert.deepEqual(readSettings({}).STREAMS, []);
  });

  it('are refused where a name is none, stands for all others, or there are more than 32', () => {
    const many = Array.from({ length: 33 }, (_, i) => `s${i}`);
    for (const STREAMS of ['a,,b', 'x'.repeat(65), 'a,other', many.join()])
      assert.throws(() => readSettings({ STREAMS }), SettingsError, STREAMS);
    assert.equal(readSettings({ STREAMS: many.slice(1).join() }).STREAMS.length, 32);
  });
});

describe('a wrong setting', () => {
  const said = (environment: Record<string, string>, options = {}): string => {
    try {
      readSettings(environment, options);
    } catch (error) {
      assert.ok(error instanceof SettingsError);
      return error.message;
    }
    return 'accepted';
  };

  it('is shown as it was written, with what was expected', () => {
    assert.match(said({ PORT: '80a' }), /^ {2}PORT=80a: expected a whole number from 0 to 65535$/m);
    assert.match(said({ AUDIT_RATE: '1%' }), /^ {2}AUDIT_RATE=1%: expected a number from 0 to 1$/m);
    assert.match(said({ PORT: ' ' }), /^ {2}PORT= : expected a whole number/m);
    for (const value of ['NaN', '80.5', '-1', '65536', 'Infinity'])
      assert.match(said({ PORT: value }), /expected a whole number/, value);
    assert.match(said({ SHARED_SQLITE: 'yes' }), /SHARED_SQLITE=yes: expected true or false/);
  });

  it('is named as the option where the command line gave it', () => {
    const options = { PORT: { option: '--port', value: '80a' } };
    assert.match(said({ PORT: '80' }, options), /^ {2}--port 80a: expected a whole number from 0 to 65535$/m);
  });

  it('names the reasons for review where OVERLAP has another', () => {
    assert.match(
      said({ OVERLAP: 'audits=2' }),
      /audits is no reason for review; expected one of sensitive, .*audit,/,
    );
  });

  it('is told with all others at once, those among them that do not go together', () => {
    const all = said({ HOST: '0.0.0.0', PORT: '80a', JWT_ISSUER: 'me', MAX_BODY_BYTES: String(257 * MIB) });
    for (const part of [
      /PORT=80a/,
      /HOST=0\.0\.0\.0 can be reached/,
      /belong together/,
      /MAX_INFLIGHT_BYTES=/,
    ])
      assert.match(all, part);
  });

  it('is not blamed for what another wrong setting leaves open', () => {
    const all = said({ HOST: '0.0.0.0', JWKS_URL: 'ftp://keys', JWT_ISSUER: 'me', JWT_AUDIENCE: 'us' });
    assert.match(all, /JWKS_URL=ftp/);
    assert.doesNotMatch(all, /can be reached|belong together/);
  });

  it('never shows a secret', () => {
    assert.doesNotMatch(said({ DATABASE_URL: 'mysql://me:geheim@db/queue' }), /geheim/);
  });
});

describe('an option', () => {
  it('wins over the variable, and an empty variable counts for nothing', () => {
    const options = { PORT: { option: '--port', value: '9000' } };
    assert.equal(readSettings({ PORT: '80' }, options).PORT, 9000);
    assert.equal(readSettings({ PORT: '' }).PORT, 8080);
  });
});

describe('DATABASE_URL', () => {
  it('must be of PostgreSQL', () => {
    const url = 'postgres://me@db/queue';
    assert.equal(readSettings({ DATABASE_URL: url }).DATABASE_URL, url);
    assert.throws(() => readSettings({ DATABASE_URL: 'mysql://db/queue' }), SettingsError);
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
      () => readSettings(environment),
      (error) => error instanceof SettingsError && said.test(error.message),
    );
  };

  it('must be known where other machines can call: by keys or by JWTs', () => {
    refusal({ HOST: '0.0.0.0' }, /needs API_KEYS_FILE or JWKS_URL/);
    assert.equal(readSettings({ HOST: '127.0.0.2' }).HOST, '127.0.0.2');
    assert.equal(readSettings({ HOST: '0.0.0.0', API_KEYS_FILE: 'keys.json' }).HOST, '0.0.0.0');
    assert.equal(readSettings({ HOST: '0.0.0.0', ...jwt }).HOST, '0.0.0.0');
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
      assert.equal(readSettings({ ...jwt, JWKS_URL }).JWKS_URL, JWKS_URL);
  });

  it('may send 6000 requests a minute where there are several, any number on this machine alone', () => {
    assert.deepEqual(
      [
        {},
        { API_KEYS_FILE: 'keys.json' },
        jwt,
        { RATE_LIMIT_PER_MINUTE: '60' },
        { ...jwt, RATE_LIMIT_PER_MINUTE: '0' },
      ].map((environment) => readSettings(environment).RATE_LIMIT_PER_MINUTE),
      [0, 6000, 6000, 60, 0],
    );
  });
});

describe('TRUSTED_PROXIES', () => {
  it('is a list of addresses, networks and names of networks', () => {
    const list = 'loopback, 10.0.0.0/8,192.168.0.7,fd00::/8,uniquelocal';
    assert.deepEqual(readSettings({ TRUSTED_PROXIES: list }).TRUSTED_PROXIES, [
      'loopback',
      '10.0.0.0/8',
      '192.168.0.7',
      'fd00::/8',
      'uniquelocal',
    ]);
    assert.deepEqual(readSettings({}).TRUSTED_PROXIES, []);
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
      assert.throws(() => readSettings({ TRUSTED_PROXIES: list }), SettingsError, list);
  });
});
