import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { ConfigError, readConfig } from '../src/config.ts';

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
